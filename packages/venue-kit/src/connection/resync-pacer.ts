import type { Random, Timer } from "@oath-ws/contract";
import { CommandPauses } from "./command-pauses.js";
import type { PauseShape } from "./retry-pause.js";

/** The pauses between resyncs of one topic, in milliseconds. */
const RESYNC_PAUSE: PauseShape = { minMs: 250, maxMs: 10_000 };

/**
 * When topics are brought to their snapshots again: all that ask in one turn together, and a topic
 * that asks again and again ever more slowly. Pauses outlast connections.
 */
export class ResyncPacer {
  readonly #timer: Timer;
  readonly #pauses: CommandPauses;
  readonly #go: (topics: readonly string[]) => void;
  readonly #waiting = new Set<string>();
  #cancel: (() => void) | undefined;

  /** @param go asks the venue for the snapshots of these topics */
  constructor(timer: Timer, random: Random, go: (topics: readonly string[]) => void) {
    this.#timer = timer;
    this.#go = go;
    this.#pauses = new CommandPauses({
      timer,
      random,
      shape: RESYNC_PAUSE,
      onOver: () => this.#flush(),
    });
  }

  request(topic: string): void {
    this.#waiting.add(topic);
    this.#pauses.arm();
    // Not within the frame that asked for it: others of the same turn come along.
    this.#cancel ??= this.#timer.schedule(0, () => this.#flush());
  }

  /** The connection ended, which brings all snapshots again. No timer runs. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waiting.clear();
    this.#pauses.stop();
  }

  #flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const due = Array.from(this.#waiting).filter((topic) => this.#pauses.admits(topic));
    if (due.length === 0) return;
    for (const topic of due) this.#waiting.delete(topic);
    this.#pauses.refused(due, undefined);
    this.#go(due);
  }
}
