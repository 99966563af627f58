import type { Timer } from "oath-ws";
import { nodeRuntime } from "oath-ws";

/** Node's clocks, with a wall clock that can be set. */
export class SteppedTimer implements Timer {
  #stepMs = 0;

  now(): number {
    return nodeRuntime.timer.now();
  }

  wallNow(): number {
    return nodeRuntime.timer.wallNow() + this.#stepMs;
  }

  schedule(delayMs: number, run: () => void): () => void {
    return nodeRuntime.timer.schedule(delayMs, run);
  }

  step(ms: number): void {
    this.#stepMs += ms;
  }
}
