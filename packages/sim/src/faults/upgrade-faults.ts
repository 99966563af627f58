import type { Link } from "../wire/link.js";
import type { Refusal } from "../wire/refuse-upgrade.js";
import type { Fault } from "./fault.js";
import { WaitingFaults } from "./waiting-faults.js";

/** How an accepted connection is ended at once; without a code by a TCP reset. */
export interface AtOnce {
  readonly code: number | undefined;
  readonly reason: string;
}

/**
 * Faults that wait for the next attempts to connect, each with the number of attempts that it is
 * still for.
 */
export class UpgradeFaults {
  readonly #refusals: WaitingFaults<Refusal> = new WaitingFaults();
  readonly #endings: WaitingFaults<AtOnce> = new WaitingFaults();

  /** Lets a fault wait. */
  add(fault: Extract<Fault, { kind: "refuse" | "accept-then-close" }>): void {
    if (fault.kind === "accept-then-close") {
      const { code, reason = "", count = 1 } = fault;
      this.#endings.add({ code, reason }, count);
      return;
    }
    const { status, headers = {}, body, count = 1 } = fault;
    this.#refusals.add({ status, headers, ...(body === undefined ? {} : { body }) }, count);
  }

  /** The answer that the next attempt gets in place of an upgrade. Uses it up. */
  nextRefusal(): Refusal | undefined {
    return this.#refusals.take();
  }

  /** How the next accepted connection ends. Uses it up. */
  nextEnding(): AtOnce | undefined {
    return this.#endings.take();
  }

  /** Forgets all. */
  clear(): void {
    this.#refusals.clear();
    this.#endings.clear();
  }
}

/** Ends a connection that has just been accepted. */
export function endAtOnce(
  peer: { readonly link: Link; end(code: number, reason: string): void },
  how: AtOnce,
): void {
  if (how.code === undefined) peer.link.reset();
  else peer.end(how.code, how.reason);
}
