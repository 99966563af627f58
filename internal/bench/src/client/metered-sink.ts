import type { FrameSink } from "./receiver.js";

/** Counts what comes, and tells when it is enough. */
export interface Meter {
  /** Why the repeat does not count, if it does not. */
  readonly fault: string | undefined;
}

/** Hands what long-lived connections receive to the meter of the present repeat. */
export class MeteredSink implements FrameSink {
  #meter: FrameSink | undefined;

  frame(data: Uint8Array | string): void {
    this.#meter?.frame(data);
  }

  unread(): void {
    this.#meter?.unread();
  }

  raw(bytes: number): void {
    this.#meter?.raw(bytes);
  }

  /**
   * Resolves when a new meter has seen enough, and whatever was behind the last frame has come.
   * Throws when the repeat does not count.
   */
  async measure<M extends FrameSink & Meter>(
    create: (done: () => void) => M,
    ready: () => void,
  ): Promise<M> {
    const meter = await new Promise<M>((resolve) => {
      const next: M = create(() => resolve(next));
      this.#meter = next;
      ready();
    });
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    if (meter.fault !== undefined) throw new Error(meter.fault);
    return meter;
  }
}
