import type { Random, Timer } from "@oath-ws/contract";
import { CommandPauses } from "./command-pauses.js";
import type { PauseShape } from "./retry-pause.js";

/** The pauses between resyncs of one topic, in milliseconds. */
const RESYNC_PAUSE: PauseShape = { minMs: 250, maxMs: 10_000 };

/** Asks the venue for the snapshots of these topics; of which what is known is in doubt. */
export type ResyncRun = (topics: readonly string[], isDoubted: (topic: string) => boolean) => void;

/**
 * When topics are brought to their snapshots again: all that ask in one turn together, and a topic
 * that asks again and again ever more slowly. Pauses outlast connections.
 */
export class ResyncPacer {
  readonly #timer: Timer;
  readonly #pauses: CommandPauses;
  readonly #go: ResyncRun;
  /** By topic whether what is known of it is in doubt. */
  readonly #waiting = new Map<string, boolean>();
  #cancel: (() => void) | undefined;

  constructor(timer: Timer, random: Random, go: ResyncRun) {
    this.#timer = timer;
    this.#go = go;
    this.#pauses = new CommandPauses({
      timer,
      random,
      shape: RESYNC_PAUSE,
      onOver: () => this.#flush(),
    });
  }

  request(topic: string, isDoubted: boolean): void {
    this.#waiting.set(topic, isDoubted || this.#waiting.get(topic) === true);
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
    const due = new Map(Array.from(this.#waiting).filter(([topic]) => this.#pauses.admits(topic)));
    if (due.size === 0) return;
    const topics = Array.from(due.keys());
    for (const topic of topics) this.#waiting.delete(topic);
    this.#pauses.refused(topics, undefined);
    this.#go(topics, (topic) => due.get(topic) === true);
  }
}
