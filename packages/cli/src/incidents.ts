import type { BinanceSim } from "@oath-ws/sim";
import type { ReceivedFrame, ReconnectingConnection } from "oath-ws";
import type { Output } from "./output.js";

/** What {@link Incidents} acts on. */
export interface IncidentOptions {
  readonly sim: BinanceSim;
  readonly connection: ReconnectingConnection;
  readonly output: Output;
  readonly json: boolean;
  /** The time in which each fault happens once, in milliseconds. */
  readonly roundMs: number;
}

interface Incident {
  readonly name: string;
  /** When, as a part of the round. */
  readonly at: number;
  readonly inject: (incidents: Incidents) => void;
}

/** Frames in a burst: several times what the demo's buffer holds. */
const BURST_FRAMES = 4_000;

const SCRIPT: readonly Incident[] = [
  { name: "the venue resets the connection", at: 0.15, inject: (self) => self.sim.faults.dropConnections() },
  { name: "the peer goes half-open: no data, no FIN, no RST", at: 0.35, inject: (self) => self.sim.faults.halfOpen() },
  {
    name: `a burst of ${BURST_FRAMES} frames meets a consumer that is busy`,
    at: 0.8,
    inject: (self) => {
      self.stallConsumer();
      self.sim.faults.burst(BURST_FRAMES);
    },
  },
];

/** Breaks the demo's connection by the script, and reports epoch, gap and lag once data flows again. */
export class Incidents {
  readonly sim: BinanceSim;
  readonly #options: IncidentOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  #open: { readonly name: string; readonly epoch: number; readonly lagged: number } | undefined;
  #lastFrameAt: number | undefined;
  #stalled = false;

  constructor(options: IncidentOptions) {
    this.#options = options;
    this.sim = options.sim;
  }

  start(): void {
    for (const incident of SCRIPT) this.#schedule(incident, incident.at * this.#options.roundMs);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** The consumer will not read for a while. */
  stallConsumer(): void {
    this.#stalled = true;
  }

  /** Waited for before each frame is read. */
  async pace(): Promise<void> {
    if (!this.#stalled) return;
    this.#stalled = false;
    await new Promise((resolve) => setTimeout(resolve, this.#options.roundMs / 20));
  }

  /** Called with every frame. An incident is over when its effect is seen in the stream: a new epoch, or a hole. */
  async note(frame: ReceivedFrame, missing: number): Promise<void> {
    const incident = this.#open;
    const gapMs = frame.receivedAt - (this.#lastFrameAt ?? frame.receivedAt);
    this.#lastFrameAt = frame.receivedAt;
    if (incident === undefined || (frame.epoch === incident.epoch && missing === 0)) return;
    this.#open = undefined;
    const { totalLagged } = this.#options.connection.lifecycle.snapshot;
    const record = { epoch: frame.epoch, gapMs: Math.round(gapMs), lag: totalLagged - incident.lagged };
    await this.#report(
      { type: "recovered", incident: incident.name, ...record },
      `over: epoch ${incident.epoch} -> ${record.epoch}, gap ${record.gapMs} ms, lag ${record.lag} frames, seq continues at ${frame.seq}`,
    );
  }

  #schedule(incident: Incident, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#schedule(incident, this.#options.roundMs);
      void this.#inject(incident);
    }, delayMs);
    this.#timers.add(timer);
  }

  async #inject(incident: Incident): Promise<void> {
    const { epoch, totalLagged } = this.#options.connection.lifecycle.snapshot;
    this.#open = { name: incident.name, epoch, lagged: totalLagged };
    incident.inject(this);
    await this.#report({ type: "incident", incident: incident.name, epoch }, `INJECTED: ${incident.name}`);
  }

  #report(record: object, line: string): Promise<void> {
    const { output, json } = this.#options;
    return output.line(json ? JSON.stringify(record) : `${output.stamp()} == ${line}`);
  }
}
