import {
  checkOptions,
  choice,
  flag,
  group,
  must,
  number,
  required,
  text,
  unchecked,
} from "@oath-ws/venue-kit";
import type { OptionRule, OptionRules, SubscribeOptions } from "@oath-ws/venue-kit";
import { DEFAULT_FIELDS, fieldId } from "../market/field-ids.js";
import type { Field } from "../market/field-ids.js";
import type { TopicName } from "./topic-name.js";

/** What a history is asked with (I-17). */
export interface HistoryRequest {
  /** `{1-30}min`, `{1-8}h`, `{1-1000}d`, `{1-792}w`, `{1-182}m`, `{1-15}y`. */
  readonly period: string;
  /**
   * `1min`, `2min`, `3min`, `5min`, `10min`, `15min`, `30min`, `1h`, `2h`, `3h`, `4h`, `8h`, `1d`,
   * `1w` or `1m`.
   */
  readonly bar: string;
  /** Default `trades`. */
  readonly source?: "midpoint" | "trades" | "bid_ask" | "bid" | "ask" | undefined;
  /** Default: the venue's choice. */
  readonly exchange?: string | undefined;
  /** Outside regular trading hours as well. Default false. */
  readonly outsideRth?: boolean | undefined;
}

/** How a topic is subscribed; what does not belong to its kind is refused. */
export interface TopicOptions extends SubscribeOptions {
  /**
   * `smd`: fields by name or number. Those who hold the same topic get all that any of them asked
   * for. Default {@link DEFAULT_FIELDS}.
   */
  readonly fields?: readonly Field[] | undefined;
  /** `smh`: required. Those who hold the same topic must ask for the same. */
  readonly history?: HistoryRequest | undefined;
  /** `str`: days of history, 1 to 7. Default 1: what was traded during an outage comes with it. */
  readonly days?: number | undefined;
}

const OWNERS: Readonly<Record<"fields" | "history" | "days", string>> = {
  fields: "smd",
  history: "smh",
  days: "str",
};

const PERIODS: Readonly<Record<string, number>> = {
  min: 30,
  h: 8,
  d: 1_000,
  w: 792,
  m: 182,
  y: 15,
};
const BARS = /^((1|2|3|5|10|15|30)min|(1|2|3|4|8)h|1d|1w|1m)$/;

function isPeriod(period: unknown): boolean {
  const [, count = "", unit = ""] = /^(\d+)([a-z]+)$/.exec(String(period)) ?? [];
  return Number(count) >= 1 && Number(count) <= (PERIODS[unit] ?? 0);
}

const periods = Object.entries(PERIODS).map(([unit, most]) => `1-${most}${unit}`);

const HISTORY = group<HistoryRequest>({
  period: required(must(isPeriod, `must be one of ${periods.join(", ")}`)),
  bar: required(
    must((bar) => BARS.test(String(bar)), "is no length of a bar that the venue knows"),
  ),
  source: choice("midpoint", "trades", "bid_ask", "bid", "ask"),
  exchange: text,
  outsideRth: flag,
});

const fields: OptionRule = (value, path) => {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length === 0) return [{ path, message: "must name a field" }];
  return value
    .filter((field) => fieldId(field as Field) === undefined)
    .map((field) => ({ path, message: `"${field}" is neither a known name nor a number` }));
};

const RULES: OptionRules<TopicOptions> = {
  // The feed checks these.
  policy: unchecked,
  staleAfterMs: unchecked,
  reconnectAfterMs: unchecked,
  days: number({ min: 1, max: 7, whole: true }),
  history: HISTORY,
  fields,
};

/**
 * The JSON part of the command that asks for a topic, as an object; `undefined` for none. @throws
 * ConfigError
 */
export function parametersOf({ kind }: TopicName, options: TopicOptions): object | undefined {
  const foreign = Object.entries(OWNERS)
    .filter(([key, owner]) => options[key as keyof typeof OWNERS] !== undefined && kind !== owner)
    .map(([path, owner]) => ({ path, message: `belongs to ${owner} topics` }));
  if (kind === "smh" && options.history === undefined)
    foreign.push({ path: "history", message: "is required for smh topics" });
  checkOptions(options, RULES, foreign);
  switch (kind) {
    case "smd":
      return { fields: (options.fields ?? DEFAULT_FIELDS).map(fieldId) };
    case "smh":
      return { source: "trades", outsideRth: false, format: "%o/%c/%h/%l", ...options.history };
    case "str":
      return { days: options.days ?? 1 };
    case "sor":
    case "spl":
      return {};
    case "sbd":
    case "ssd":
    case "sld":
    case "act":
    case "sts":
    case "ntf":
    case "blt":
    case "system":
      return undefined;
    default:
      return kind satisfies never;
  }
}
