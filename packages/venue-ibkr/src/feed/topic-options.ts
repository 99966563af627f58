import type { ConfigIssue } from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";
import { numberIssues, unknownKeyIssues } from "@oath-ws/venue-kit";
import type { SubscribeOptions } from "@oath-ws/venue-kit";
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

const KEYS: Readonly<Record<keyof TopicOptions, true>> = {
  policy: true,
  staleAfterMs: true,
  reconnectAfterMs: true,
  fields: true,
  history: true,
  days: true,
};

const HISTORY_KEYS: Readonly<Record<keyof HistoryRequest, true>> = {
  period: true,
  bar: true,
  source: true,
  exchange: true,
  outsideRth: true,
};

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
const SOURCES = /^(midpoint|trades|bid_ask|bid|ask)$/;

/**
 * The JSON part of the command that asks for a topic, as an object; `undefined` for none. @throws
 * ConfigError
 */
export function parametersOf({ kind }: TopicName, options: TopicOptions): object | undefined {
  const issues = unknownKeyIssues(options, KEYS);
  for (const [key, owner] of Object.entries(OWNERS)) {
    if (options[key as keyof typeof OWNERS] !== undefined && kind !== owner) {
      issues.push({ path: key, message: `belongs to ${owner} topics` });
    }
  }
  issues.push(...numberIssues({ days: options.days }, { days: { min: 1, max: 7, whole: true } }));
  if (kind === "smh") issues.push(...historyIssues(options.history));
  const fields = (options.fields ?? DEFAULT_FIELDS).map(
    (field) => [field, fieldId(field)] as const,
  );
  for (const [field, id] of fields) {
    if (id === undefined)
      issues.push({ path: "fields", message: `"${field}" is neither a known name nor a number` });
  }
  if (fields.length === 0) issues.push({ path: "fields", message: "must name a field" });
  if (issues.length > 0) throw new ConfigError(issues);
  switch (kind) {
    case "smd":
      return { fields: fields.map(([, id]) => id) };
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

function historyIssues(request: HistoryRequest | undefined): ConfigIssue[] {
  if (request === undefined) return [{ path: "history", message: "is required for smh topics" }];
  const issues = unknownKeyIssues(request, HISTORY_KEYS, "history.");
  const { period, bar, source = "trades" } = request;
  const [, count = "", unit = ""] = /^(\d+)([a-z]+)$/.exec(period) ?? [];
  const max = PERIODS[unit] ?? 0;
  if (!(Number(count) >= 1 && Number(count) <= max)) {
    const forms = Object.entries(PERIODS).map(([name, most]) => `1-${most}${name}`);
    issues.push({ path: "history.period", message: `must be one of ${forms.join(", ")}` });
  }
  if (!BARS.test(bar))
    issues.push({ path: "history.bar", message: "is no length of a bar that the venue knows" });
  if (!SOURCES.test(source))
    issues.push({
      path: "history.source",
      message: "must be midpoint, trades, bid_ask, bid or ask",
    });
  return issues;
}
