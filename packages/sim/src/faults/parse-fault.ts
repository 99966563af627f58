import { asChoice, asCloseReason, asInteger, asNumber, asRecord, asText } from "../check.js";
import { optional, resolve, type Rule, type Rules } from "../option-rules.js";
import { SimOptionError } from "../option-error.js";
import type { Fault, FaultTarget, FaultTrigger, Kinded, Of, ScriptedFault } from "./fault.js";

/** What faults of each kind carry, and how it is checked. */
export type FaultRules<F extends Kinded> = { readonly [K in F["kind"]]: Rules<Of<F, K>> };

/** A whole number within bounds, both inclusive. */
export function within(min: number, max: number = Number.MAX_SAFE_INTEGER): Rule<number> {
  return (option, value) => asInteger(option, value, { min, max });
}

/** One of these words. */
export function oneOf<const T extends string>(...words: readonly T[]): Rule<T> {
  return (option, value) => asChoice(option, value, words);
}

/** How often, at least once; may be absent. */
export const count: Rule<number | undefined> = optional(within(1));
/** A text that is not empty; may be absent. */
export const text: Rule<string | undefined> = optional(asText);
/** A duration in milliseconds; may be absent. */
export const duration: Rule<number | undefined> = optional(asNumber);

/** A close code that may stand in a close frame, or 1005 for a frame without one. */
const closeCode: Rule<number> = (option, value) => {
  const code = asInteger(option, value, { min: 1000, max: 4999 });
  if ([1004, 1006, 1015].includes(code) || (code > 1014 && code < 3000)) {
    throw new SimOptionError(option, `${code} cannot be sent in a close frame`);
  }
  return code;
};

const body: Rule<string> = (option, value) => {
  if (typeof value !== "string") throw new SimOptionError(option, "expected a string");
  return value;
};

const headers: Rule<Readonly<Record<string, string>>> = (option, value) => {
  if (typeof value !== "object" || value === null)
    throw new SimOptionError(option, "expected an object");
  for (const [name, content] of Object.entries(value)) {
    if (!/^[\w-]+$/.test(name))
      throw new SimOptionError(`${option}.${name}`, "is not a header name");
    if (typeof content !== "string" || /[\r\n]/.test(content)) {
      throw new SimOptionError(`${option}.${name}`, "expected a string without line breaks");
    }
  }
  return value as Readonly<Record<string, string>>;
};

/** The faults that no venue has alone. */
export const FAULT_RULES: FaultRules<Fault> = {
  refuse: {
    status: within(200, 599),
    count,
    headers: optional(headers),
    body: optional(body),
  },
  "accept-then-close": { count, code: optional(closeCode), reason: optional(asCloseReason) },
  close: { code: optional(closeCode), reason: optional(asCloseReason) },
  reset: {},
  "half-open": {},
  mute: { forMs: duration },
  unmute: {},
  stall: { forMs: asNumber },
  "stop-reading": { forMs: duration },
  throttle: { bytesPerSecond: count },
  drop: { count },
  "drop-replies": { count },
  duplicate: { count },
  reorder: { count },
  gap: { symbol: text, events: count },
  oversized: { bytes: optional(within(1, 268_435_456)) },
  "bad-utf8": {},
  fragment: { pieces: within(1, 10_000) },
  "ignore-close": {},
  expire: {},
  "server-shutdown": { closeAfterMs: duration },
  ban: { address: text, forMs: duration },
  unban: { address: text },
  burst: { frames: within(1, 10_000_000) },
  "stale-depth": { count },
  "old-trades": { answer: oneOf("refuse", "slow", "partial"), count, forMs: duration },
  "revoke-key": { apiKey: text },
  "answer-errors": {
    code: optional(within(-100_000, 100_000)),
    msg: optional(body),
    count,
    status: optional(within(400, 599)),
    retryAfterMs: duration,
    form: optional(oneOf("documented", "nested")),
  },
  "terminate-user-data": { count: optional(asInteger) },
  firewall: { forMs: duration },
  "order-trouble": {
    trouble: oneOf(
      "answer-lost",
      "request-lost",
      "reset-after",
      "reset-before",
      "answer-late",
      "request-late",
      "slow",
    ),
    delayMs: duration,
    count,
  },
  clear: {},
};

/** Checks a fault that came from outside. Throws a {@link SimOptionError} naming the field. */
export function parseFault(option: string, value: unknown): Fault {
  return parseKind<Fault>(option, value, FAULT_RULES);
}

/** Checks a fault of any of these kinds. */
export function parseKind<F extends Kinded>(
  option: string,
  value: unknown,
  rules: FaultRules<F>,
): F {
  const given =
    typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
  if (typeof given === "string" && !(given in rules) && given in FAULT_RULES)
    throw new SimOptionError(`${option}.kind`, `${given} is no fault of this venue`);
  const kind = asChoice(`${option}.kind`, given, Object.keys(rules) as F["kind"][]);
  return resolve<object>(option, value, { kind: () => kind, ...rules[kind] }) as F;
}

/** The rules of a venue that has all faults but these. */
export function without<K extends Fault["kind"]>(
  foreign: readonly K[],
): FaultRules<Exclude<Fault, { kind: K }>> {
  const kept = Object.entries(FAULT_RULES).filter(([kind]) => !foreign.some((k) => k === kind));
  return Object.fromEntries(kept) as FaultRules<Exclude<Fault, { kind: K }>>;
}

const TARGET: Rules<FaultTarget> = {
  endpoint: optional(oneOf("stream", "ws-api", "all")),
  connection: count,
};

/** Checks a fault's target. Absent is fine. */
export function parseTarget(option: string, value: unknown): FaultTarget {
  return resolve(option, value, TARGET);
}

/** Checks one entry of a script; the rules are those of its fault and its target. */
export function scripted<F, T extends FaultTarget>(
  fault: Rule<F>,
  target: Rule<T>,
): Rule<ScriptedFault<F>> {
  return (option, value) =>
    resolve<ScriptedFault<F>>(option, value, { when: parseTrigger, fault, target });
}

function parseTrigger(option: string, value: unknown): FaultTrigger {
  const from = asRecord(option, value, ["kind", "afterMs", "number"]);
  const kind = asChoice(`${option}.kind`, from["kind"], ["time", "frame", "connection-frame"]);
  if (kind === "time") return { kind, afterMs: asNumber(`${option}.afterMs`, from["afterMs"]) };
  return { kind, number: within(1)(`${option}.number`, from["number"]) };
}
