import type { Frame, WsSink } from "@oath-ws/contract";

interface Held {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** A leaf's sink that confirms every frame at once, or holds the confirmations back until told. */
export class FakeSink implements WsSink {
  /** Everything that was handed over, in order. */
  readonly sent: (Frame | string | Uint8Array)[] = [];
  holding = false;
  readonly #held: Held[] = [];

  send(frame: Frame | string | Uint8Array): Promise<void> {
    this.sent.push(frame);
    if (!this.holding) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#held.push({ resolve, reject });
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Settles the oldest send that is held back: confirms it, or refuses it with `reason` if given.
   */
  settleOldest(reason?: unknown): void {
    const held = this.#held.shift();
    if (held === undefined) throw new Error("no send is held back");
    if (reason === undefined) held.resolve();
    else held.reject(reason);
  }

  get heldCount(): number {
    return this.#held.length;
  }
}
