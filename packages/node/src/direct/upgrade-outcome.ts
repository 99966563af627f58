import type { Duplex } from "node:stream";
import type { PhaseListener } from "../leaf/dial-phases.js";
import type { DialPlan } from "../leaf/dialling.js";
import type { RefusalResponse } from "../errors/refusal.js";
import type { ResolvedDirectOptions } from "./resolve-direct-options.js";
import type { UpgradeRequest } from "./upgrade-request.js";

/** Told how an upgrade ends. Calls after the first mean nothing. */
export interface UpgradeOutcome {
  /**
   * The server answered 101, and says that it upgrades.
   *
   * @param early what came behind the head
   */
  switched(headers: Readonly<Record<string, string>>, stream: Duplex, early: Buffer): void;
  /** The server answered something else. */
  refused(response: RefusalResponse): void;
  failed(error: unknown): void;
}

/**
 * Dials and asks for the upgrade. Throws for options that cannot be used.
 *
 * @returns gives up, and leaves nothing open
 */
export type AskUpgrade = (
  options: ResolvedDirectOptions,
  plan: DialPlan,
  request: UpgradeRequest,
  told: PhaseListener | undefined,
  outcome: UpgradeOutcome,
) => () => void;

/** The connection ended before the answer did; the code is that of Node's HTTP client. */
export class UnansweredError extends Error {
  override readonly name = "UnansweredError";
  readonly code = "ECONNRESET";

  constructor() {
    super("the connection ended before the upgrade was answered");
  }
}
