import type { Instrument } from "../market/instrument.js";
import type { IbkrWireOptions } from "../options.js";
import type { Feed, FeedOutlet } from "./feed.js";

/** Milliseconds of a unit of time in history requests. */
const UNIT_MS: Readonly<Record<string, number>> = {
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  m: 2_592_000_000,
  y: 31_536_000_000,
};
/** Units of periods with the most of each, and the bars that there are (I-17). */
const PERIODS: Readonly<Record<string, number>> = {
  min: 30,
  h: 8,
  d: 1_000,
  w: 792,
  m: 182,
  y: 15,
};
const BARS = [
  "1min",
  "2min",
  "3min",
  "5min",
  "10min",
  "15min",
  "30min",
  "1h",
  "2h",
  "3h",
  "4h",
  "8h",
  "1d",
  "1w",
  "1m",
];
const SOURCES = ["midpoint", "trades", "bid_ask", "bid", "ask"];
const MAX_BARS = 1_000;

/** A history request that can be served. */
export interface HistoryRequest {
  readonly periodMs: number;
  readonly barMs: number;
  readonly outsideRth: boolean;
}

/** What a history was asked with, or what is wrong with it. */
export function parseHistory(options: Readonly<Record<string, unknown>>): HistoryRequest | string {
  const { period = "1d", bar = "5min", source = "trades", outsideRth = false } = options;
  const periodMs = span(period);
  const unit = typeof period === "string" ? period.replace(/^\d+/, "") : "";
  const count = typeof period === "string" ? Number.parseInt(period, 10) : 0;
  if (periodMs === undefined || count < 1 || count > (PERIODS[unit] ?? 0)) return "Invalid period";
  const barMs = BARS.some((known) => known === bar) ? span(bar) : undefined;
  if (barMs === undefined) return "Invalid bar";
  if (!SOURCES.some((known) => known === source)) return "Invalid source";
  return { periodMs, barMs, outsideRth: outsideRth === true };
}

/**
 * `smh`: one frame of bars, then the last bar again whenever the contract moves. Ends by
 * `serverId`, not by topic.
 */
export class HistoryFeed implements Feed {
  readonly topic: string;
  readonly needsBrokerage = true;
  readonly serverId: string;
  readonly #instrument: Instrument;
  readonly #request: HistoryRequest;
  readonly #outlet: FeedOutlet;
  readonly #cancelFirst: () => void;
  readonly #bars: "recorded" | "documented";
  #started = false;

  constructor(
    serverId: string,
    instrument: Instrument,
    request: HistoryRequest,
    outlet: FeedOutlet,
    wire: Pick<Required<IbkrWireOptions>, "bars" | "snapshotDelayMs">,
  ) {
    this.topic = `smh+${instrument.conid}`;
    this.serverId = serverId;
    this.#instrument = instrument;
    this.#request = request;
    this.#outlet = outlet;
    this.#bars = wire.bars;
    this.#cancelFirst = outlet.after(wire.snapshotDelayMs, () => {
      this.#send(Math.max(1, Math.min(MAX_BARS, Math.ceil(request.periodMs / request.barMs))));
      this.#started = true;
    });
  }

  moved(instrument: Instrument): void {
    if (this.#started && instrument === this.#instrument) this.#send(1);
  }

  stop(): void {
    this.#cancelFirst();
  }

  #send(count: number): void {
    const { conid, symbol, updatedAt, lastCents } = this.#instrument;
    const { periodMs, barMs, outsideRth } = this.#request;
    const lastBar = Math.floor(updatedAt / barMs) * barMs;
    const data = Array.from({ length: count }, (_, at) => {
      const age = count - 1 - at;
      // Bars of the past are made up around the last price, the same ones every time.
      const close = lastCents - ((age * 7) % 50);
      return this.#bar(lastBar - age * barMs, close, 65 + age);
    });
    const minutes = Math.round(((count - 1) * barMs) / 60_000);
    const frame = {
      serverId: this.serverId,
      symbol,
      text: `${symbol} INC`,
      priceFactor: 100,
      startTime: startTime(lastBar - (count - 1) * barMs),
      high: `${lastCents + 3}/65/${minutes}`,
      low: `${lastCents - 53}/65/0`,
      timePeriod: `${periodMs / 1_000}s`,
      barLength: barMs / 1_000,
      mdAvailability: "S",
      mktDataDelay: 0,
      outsideRth,
      volumeFactor: 1,
      priceDisplayRule: 1,
      priceDisplayValue: "2",
      negativeCapable: false,
      messageVersion: 2,
      data,
      points: data.length,
      topic: `smh+${conid}`,
    };
    this.#outlet.publish(this.topic, JSON.stringify(frame));
  }

  #bar(t: number, close: number, v: number): object {
    const o = (close - 2) / 100;
    const c = close / 100;
    const whole = { o, c, h: (close + 3) / 100, l: (close - 4) / 100 };
    if (this.#bars === "documented") return { t, ...whole, v };
    if (!this.#started) return whole;
    return close % 2 === 0 ? { o } : { o, c };
  }
}

function span(text: unknown): number | undefined {
  const match = typeof text === "string" ? /^(\d+)(min|[hdwmy])$/.exec(text) : null;
  return match === null ? undefined : Number(match[1]) * (UNIT_MS[match[2] ?? ""] ?? 0);
}

/** `20210317-18:00:00`. */
function startTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replaceAll("-", "").replace("T", "-");
}
