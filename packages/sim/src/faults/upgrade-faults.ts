import type { Link } from "../wire/link.js";
import type { Refusal } from "../wire/refuse-upgrade.js";
import type { Fault } from "./fault.js";

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
  #refusals: Array<{ readonly what: Refusal; left: number }> = [];
  #endings: Array<{ readonly what: AtOnce; left: number }> = [];

  /** Lets a fault wait. */
  add(fault: Extract<Fault, { kind: "refuse" | "accept-then-close" }>): void {
    const left = fault.count ?? 1;
    if (fault.kind === "accept-then-close") {
      this.#endings.push({ what: { code: fault.code, reason: fault.reason ?? "" }, left });
      return;
    }
    const { status, headers = {}, body } = fault;
    this.#refusals.push({
      what: body === undefined ? { status, headers } : { status, headers, body },
      left,
    });
  }

  /** The answer that the next attempt gets in place of an upgrade. Uses it up. */
  nextRefusal(): Refusal | undefined {
    return takeOne(this.#refusals);
  }

  /** How the next accepted connection ends. Uses it up. */
  nextEnding(): AtOnce | undefined {
    return takeOne(this.#endings);
  }

  /** Forgets all. */
  clear(): void {
    this.#refusals = [];
    this.#endings = [];
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

function takeOne<T>(queue: Array<{ readonly what: T; left: number }>): T | undefined {
  const head = queue[0];
  if (head === undefined) return undefined;
  head.left--;
  if (head.left <= 0) queue.shift();
  return head.what;
}
