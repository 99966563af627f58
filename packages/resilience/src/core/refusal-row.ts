import type { WsError } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";

/** The settings that a {@link RefusalRow} goes by. */
export type RefusalLimits = Pick<
  ResilienceConfig["attempts"],
  "permanentRetries" | "permanentForMs"
>;

/** The permanent failures in a row of one endpoint, or of the `EndpointSource`. */
export class RefusalRow {
  readonly #limits: RefusalLimits;
  #count = 0;
  #since: number | undefined;
  /** Whether time decides besides tries, by the last permanent failure. */
  #isTimed = false;
  #lastError: WsError | undefined;

  constructor(limits: RefusalLimits) {
    this.#limits = limits;
  }

  /** When the first of them came. */
  get since(): number | undefined {
    return this.#since;
  }

  /** From when on a refusal is final; `undefined` where tries alone decide. */
  get givesUpAt(): number | undefined {
    const { permanentForMs } = this.#limits;
    return this.#since === undefined || !this.#isTimed || permanentForMs === false
      ? undefined
      : this.#since + permanentForMs;
  }

  /** Whether the tries are used up. */
  get isSpent(): boolean {
    return this.#count > this.#limits.permanentRetries;
  }

  /** The last failure, if it was a permanent one. */
  get lastError(): WsError | undefined {
    return this.#lastError;
  }

  /** Whether the last failure was permanent, and tries and time are used up. */
  isFinal(now: number): boolean {
    return this.#lastError !== undefined && this.isSpent && now >= (this.givesUpAt ?? now);
  }

  /**
   * A permanent failure. One with `Retry-After` says when to come back: it is no try, but its time
   * counts.
   */
  add(error: WsError, isTimed: boolean, now: number): void {
    this.#since ??= now;
    if (error.retryAfterMs === undefined) this.#count++;
    this.#isTimed = isTimed;
    this.#lastError = error;
  }

  /** A passing failure. It does not end the row. */
  interrupt(): void {
    this.#lastError = undefined;
  }

  end(): void {
    this.#count = 0;
    this.#since = undefined;
    this.#isTimed = false;
    this.#lastError = undefined;
  }
}
