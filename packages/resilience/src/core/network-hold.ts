/**
 * How long an attempt is put off at a time while the platform says that it is offline, in
 * milliseconds. It may be wrong: a feed must not be down for good because of that.
 */
export const OFFLINE_TRY_MS = 60_000;

/** Puts attempts off while the platform says that it is offline. */
export class NetworkHold {
  #until = Number.NEGATIVE_INFINITY;

  /** No attempt before; in the past while there may be a network. */
  get until(): number {
    return this.#until;
  }

  get isOffline(): boolean {
    return this.#until > Number.NEGATIVE_INFINITY;
  }

  /** The platform lost its network, or an attempt in spite of that has failed. */
  offline(now: number): void {
    this.#until = now + OFFLINE_TRY_MS;
  }

  /** The platform has a network, or a connection was made, which proves as much. */
  online(): void {
    this.#until = Number.NEGATIVE_INFINITY;
  }

  /** The machine slept for `ms` milliseconds. */
  slept(ms: number): void {
    this.#until -= ms;
  }
}
