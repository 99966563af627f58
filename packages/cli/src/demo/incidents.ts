import { setTimeout as sleep } from "node:timers/promises";
import type { Faults } from "@oath-ws/sim";
import type { MarketPayload } from "@oath-ws/venue-binance";
import type { GapRecord, TopicEvent } from "@oath-ws/venue-kit";
import { nodeRuntime } from "oath-ws";
import { gapRange } from "../market/market-lines.js";
import type { Output } from "../output.js";
import { SCRIPT } from "./script.js";
import type { Incident } from "./script.js";

/** What {@link Incidents} acts on. */
export interface IncidentOptions {
  readonly faults: Faults;
  /** The streams that have to go on before an incident counts as over. */
  readonly topics: readonly string[];
  readonly output: Output;
  /** The time in which each incident happens once, in milliseconds. */
  readonly roundMs: number;
  readonly secondMs: number;
  /** Frames that receive buffers dropped so far, and events that the readers' bounds discarded. */
  readonly losses: () => Losses;
  /** Told in one line what was injected, and what came of it. */
  readonly onNote: (level: "info" | "good", text: string) => void;
}

interface Losses {
  readonly totalLagged: number;
  readonly discarded: number;
}

interface Running {
  readonly incident: Incident;
  /** The newest epoch before it. */
  readonly epoch: number;
  readonly startedAt: number;
  readonly losses: Losses;
  readonly gaps: GapRecord[];
  /** Streams that have not gone on yet. */
  readonly waiting: Set<string>;
  readonly over: () => void;
}

/** Gap records that a report names. */
const SHOWN_GAPS = 4;

/**
 * Makes things go wrong by the script, one after the other, and reports what the adapter said about
 * each.
 */
export class Incidents {
  readonly #options: IncidentOptions;
  #running: Running | undefined;
  #epoch = 0;
  #stuckUntil: number | undefined;

  constructor(options: IncidentOptions) {
    this.#options = options;
  }

  /** Repeats the script until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        const roundAt = now();
        for (const incident of SCRIPT) {
          await sleep(
            Math.max(0, roundAt + incident.at * this.#options.roundMs - now()),
            undefined,
            { signal },
          );
          await this.#happen(incident, signal);
        }
        await sleep(Math.max(0, roundAt + this.#options.roundMs - now()), undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Waited for before each event is read. */
  async pace(): Promise<void> {
    if (this.#stuckUntil !== undefined) await sleep(Math.max(0, this.#stuckUntil - now()));
  }

  /** Called with every gap record. */
  gap(gap: GapRecord): void {
    this.#running?.gaps.push(gap);
  }

  /** Called with every event: an incident is over when its end is seen in all streams. */
  async event({ topic, epoch, receivedAt }: TopicEvent<MarketPayload>): Promise<void> {
    this.#epoch = Math.max(this.#epoch, epoch);
    const running = this.#running;
    if (running === undefined) return;
    const goesOn =
      running.incident.over === "new-epoch"
        ? epoch > running.epoch
        : receivedAt > (this.#stuckUntil ?? Infinity);
    if (!goesOn) return;
    running.waiting.delete(topic);
    if (running.waiting.size > 0) return;
    this.#running = undefined;
    this.#stuckUntil = undefined;
    await this.#report(running, receivedAt - running.startedAt);
    running.over();
  }

  async #happen(incident: Incident, signal: AbortSignal): Promise<void> {
    const { faults, topics, output, losses, roundMs, secondMs } = this.#options;
    const over = new Promise<void>((resolve) => {
      this.#running = {
        incident,
        epoch: this.#epoch,
        startedAt: now(),
        losses: losses(),
        gaps: [],
        waiting: new Set(topics),
        over: resolve,
      };
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    if (incident.over === "reader-back") this.#stuckUntil = now() + roundMs / 20;
    incident.inject(faults, secondMs);
    this.#options.onNote("info", `Injected: ${incident.name}`);
    await output.show(
      () => ({ type: "incident", incident: incident.name, epoch: this.#epoch }),
      () => `${output.stamp()} == INJECTED: ${incident.name}`,
    );
    await over;
  }

  async #report(
    { incident, epoch: epochBefore, losses, gaps }: Running,
    tookMs: number,
  ): Promise<void> {
    const { output } = this.#options;
    const after = this.#options.losses();
    const report = {
      epochBefore,
      epoch: this.#epoch,
      tookMs: Math.round(tookMs),
      lagged: after.totalLagged - losses.totalLagged,
      discarded: after.discarded - losses.discarded,
    };
    const summary =
      `over after ${report.tookMs} ms: epoch ${epochBefore} -> ${report.epoch}, ` +
      `lagged ${report.lagged}, discarded ${report.discarded}, ${gapText(gaps)}`;
    this.#options.onNote("good", `${incident.name}: ${summary}`);
    await output.show(
      () => ({ type: "recovered", incident: incident.name, ...report, gaps }),
      () => `${output.stamp()} == ${summary}`,
    );
  }
}

function gapText(gaps: readonly GapRecord[]): string {
  if (gaps.length === 0) return "no gap";
  const shown = gaps
    .slice(0, SHOWN_GAPS)
    .map((gap) => `${gap.topic} ${gapRange(gap)} (${gap.reason})`);
  const more = gaps.length > SHOWN_GAPS ? [`and ${gaps.length - SHOWN_GAPS} more`] : [];
  return `gaps: ${[...shown, ...more].join(", ")}`;
}

/** The clock of `receivedAt`. */
function now(): number {
  return nodeRuntime.timer.now();
}
