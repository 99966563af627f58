import type { Figures, Happening, Point, Stretch, Tick, Welcome } from "../../src/dash/protocol.js";

const MAX_STRETCHES = 300;
const MAX_POINTS = 1_800;
const MAX_HAPPENINGS = 100;
const MAX_BLIND = 20;
/** Ticks come twice a second. */
const BLIND_AFTER_MS = 1_500;

/** A time during which the page heard nothing, in the program's Unix milliseconds. */
export interface Blind {
  readonly from: number;
  readonly to: number;
}

/** All that the page knows. Each welcome begins it again, except for when the page was blind. */
export class Model {
  /** How much of the past the strips and charts show. */
  windowMs = 60_000;
  welcome: Welcome | undefined;
  tick: Tick | undefined;
  readonly stretches: Map<number, readonly Stretch[]> = new Map();
  /** Newest first. */
  happenings: readonly Happening[] = [];
  /** Of the selected connection. */
  points: readonly Point[] = [];
  blind: readonly Blind[] = [];
  #pointsOf: number | undefined;
  /** What the program's clock said last, and when that came by ours. */
  #heard = { at: Date.now(), by: 0 };

  /** The program's time now. */
  get now(): number {
    return this.#heard.at + (performance.now() - this.#heard.by);
  }

  /** When the program's last word was said. */
  get lastAt(): number | undefined {
    return this.tick === undefined ? undefined : this.#heard.at;
  }

  /** Whether nothing has come for longer than the program is silent. */
  get isBlind(): boolean {
    return this.tick !== undefined && performance.now() - this.#heard.by > BLIND_AFTER_MS;
  }

  /** When the page was blind, the present time included. */
  get blindSpans(): readonly Blind[] {
    const from = this.lastAt;
    return this.isBlind && from !== undefined
      ? [...this.blind, { from, to: this.now }]
      : this.blind;
  }

  figuresOf(key: number | undefined): Figures | undefined {
    return this.tick?.connections.find((figures) => figures.key === key);
  }

  /** `true` when another run of the program answers than before. */
  begin(welcome: Welcome): boolean {
    const isOther = this.welcome !== undefined && this.welcome.run !== welcome.run;
    this.#hear(welcome.at);
    this.welcome = welcome;
    this.stretches.clear();
    this.happenings = [];
    this.points = [];
    this.#pointsOf = undefined;
    return isOther;
  }

  take(tick: Tick): void {
    this.#hear(tick.at);
    this.tick = tick;
    const keys = new Set(tick.connections.map(({ key }) => key));
    for (const key of this.stretches.keys()) if (!keys.has(key)) this.stretches.delete(key);
    for (const [key, fresh] of tick.stretches)
      this.stretches.set(key, [...(this.stretches.get(key) ?? []), ...fresh].slice(-MAX_STRETCHES));
    if (tick.happenings.length > 0)
      this.happenings = [...tick.happenings.toReversed(), ...this.happenings].slice(
        0,
        MAX_HAPPENINGS,
      );
    const { connection } = tick;
    if (connection === undefined) return;
    if (connection.key !== this.#pointsOf) this.points = [];
    this.#pointsOf = connection.key;
    this.points = [...this.points, ...connection.points].slice(-MAX_POINTS);
  }

  /** The program says something at this time of its own; before that it may have been silent. */
  #hear(at: number): void {
    const from = this.#heard.at;
    if (this.isBlind && at > from) this.blind = [...this.blind, { from, to: at }].slice(-MAX_BLIND);
    this.#heard = { at, by: performance.now() };
  }
}
