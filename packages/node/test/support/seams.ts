import type { CancelSignal, Timer } from "@oath-ws/contract";

/** A clock that stands still, and timers that fire when the test says so. */
export class ManualTimer implements Timer {
  readonly scheduled = new Set<{ readonly delayMs: number; readonly run: () => void }>();
  at = 1000;
  wall = Date.UTC(2026, 0, 1);

  now(): number {
    return this.at;
  }

  wallNow(): number {
    return this.wall;
  }

  schedule(delayMs: number, run: () => void): () => void {
    const entry = { delayMs, run };
    this.scheduled.add(entry);
    return () => {
      this.scheduled.delete(entry);
    };
  }

  /** Fires everything that is scheduled, once. */
  fireAll(): void {
    for (const entry of this.scheduled) {
      this.scheduled.delete(entry);
      entry.run();
    }
  }
}

/** A signal that knows how many listeners it has. */
export class CountingSignal implements CancelSignal {
  readonly #listeners = new Set<() => void>();
  aborted = false;
  reason: unknown = undefined;

  get listeners(): number {
    return this.#listeners.size;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }

  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners) listener();
  }
}
