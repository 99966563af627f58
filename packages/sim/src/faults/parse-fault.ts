import { asChoice, asInteger, asNumber, asRecord, asText, type Bounds } from "../check.js";
import { SimOptionError } from "../option-error.js";
import type { Fault, FaultTarget, FaultTrigger, ScriptedFault } from "./fault.js";

/** Checks one field of a fault; throws a {@link SimOptionError} naming it. */
export type Field = (option: string, value: unknown) => unknown;

/** What faults of each kind may carry. `required` fields have no default. */
export type FaultShapes<Kind extends string> = Readonly<
  Record<
    Kind,
    {
      readonly required?: Readonly<Record<string, Field>>;
      readonly optional?: Readonly<Record<string, Field>>;
    }
  >
>;

const ONE_UP: Bounds = { min: 1, max: Number.MAX_SAFE_INTEGER };
const NONE_UP: Bounds = { min: 0, max: Number.MAX_SAFE_INTEGER };
/** How often, at least once. */
export const count: Field = (option, value) => asInteger(option, value, ONE_UP);
/** A duration in milliseconds. */
export const duration: Field = (option, value) => asNumber(option, value);
/** A text that is not empty. */
export const text: Field = (option, value) => asText(option, value);

/** A close code that may stand in a close frame, or 1005 for a frame without one. */
const closeCode: Field = (option, value) => {
  const code = asInteger(option, value, { min: 1000, max: 4999 });
  if ([1004, 1006, 1015].includes(code) || (code > 1014 && code < 3000)) {
    throw new SimOptionError(option, `${code} cannot be sent in a close frame`);
  }
  return code;
};

const reason: Field = (option, value) => {
  if (typeof value !== "string" || Buffer.byteLength(value) > 123) {
    throw new SimOptionError(option, "expected a string of at most 123 bytes");
  }
  return value;
};

const body: Field = (option, value) => {
  if (typeof value !== "string") throw new SimOptionError(option, "expected a string");
  return value;
};

const headers: Field = (option, value) => {
  if (typeof value !== "object" || value === null)
    throw new SimOptionError(option, "expected an object");
  for (const [name, content] of Object.entries(value)) {
    if (!/^[\w-]+$/.test(name))
      throw new SimOptionError(`${option}.${name}`, "is not a header name");
    if (typeof content !== "string" || /[\r\n]/.test(content)) {
      throw new SimOptionError(`${option}.${name}`, "expected a string without line breaks");
    }
  }
  return value;
};

const SHAPES: FaultShapes<Fault["kind"]> = {
  refuse: {
    required: { status: (option, value) => asInteger(option, value, { min: 200, max: 599 }) },
    optional: { count, headers, body },
  },
  "accept-then-close": { optional: { count, code: closeCode, reason } },
  close: { optional: { code: closeCode, reason } },
  reset: {},
  "half-open": {},
  mute: { optional: { forMs: duration } },
  unmute: {},
  stall: { required: { forMs: duration } },
  "stop-reading": { optional: { forMs: duration } },
  throttle: { optional: { bytesPerSecond: count } },
  drop: { optional: { count } },
  "drop-replies": { optional: { count } },
  duplicate: { optional: { count } },
  reorder: { optional: { count } },
  gap: { optional: { symbol: text, events: count } },
  oversized: {
    optional: { bytes: (option, value) => asInteger(option, value, { min: 1, max: 268_435_456 }) },
  },
  "bad-utf8": {},
  fragment: {
    required: { pieces: (option, value) => asInteger(option, value, { min: 1, max: 10_000 }) },
  },
  "ignore-close": {},
  expire: {},
  "server-shutdown": { optional: { closeAfterMs: duration } },
  ban: { optional: { address: text, forMs: duration } },
  unban: { optional: { address: text } },
  burst: {
    required: { frames: (option, value) => asInteger(option, value, { min: 1, max: 10_000_000 }) },
  },
  "stale-depth": { optional: { count } },
  "old-trades": {
    required: {
      answer: (option, value) => asChoice(option, value, ["refuse", "slow", "partial"]),
    },
    optional: { count, forMs: duration },
  },
  "revoke-key": { optional: { apiKey: text } },
  "answer-errors": {
    optional: {
      code: (option, value) => asInteger(option, value, { min: -100_000, max: 100_000 }),
      msg: body,
      count,
      status: (option, value) => asInteger(option, value, { min: 400, max: 599 }),
      retryAfterMs: duration,
      form: (option, value) => asChoice(option, value, ["documented", "nested"]),
    },
  },
  "terminate-user-data": {
    optional: { count: (option, value) => asInteger(option, value, NONE_UP) },
  },
  firewall: { optional: { forMs: duration } },
  "order-trouble": {
    required: {
      trouble: (option, value) =>
        asChoice(option, value, [
          "answer-lost",
          "request-lost",
          "reset-after",
          "reset-before",
          "answer-late",
          "request-late",
          "slow",
        ]),
    },
    optional: { delayMs: duration, count },
  },
  clear: {},
};

/** Checks a fault that came from outside. Throws a {@link SimOptionError} naming the field. */
export function parseFault(option: string, value: unknown): Fault {
  return parseShaped<Fault>(option, value, SHAPES);
}

/** Checks a fault of any of these kinds. */
export function parseShaped<F extends { readonly kind: string }>(
  option: string,
  value: unknown,
  shapes: FaultShapes<F["kind"]>,
): F {
  const kind = asChoice(
    `${option}.kind`,
    typeof value === "object" && value !== null ? (value as { kind?: unknown }).kind : undefined,
    Object.keys(shapes) as F["kind"][],
  );
  const { required = {}, optional = {} } = shapes[kind];
  const from = asRecord(option, value, [
    "kind",
    ...Object.keys(required),
    ...Object.keys(optional),
  ]);
  for (const [key, check] of Object.entries(required)) check(`${option}.${key}`, from[key]);
  for (const [key, check] of Object.entries(optional)) {
    if (from[key] !== undefined) check(`${option}.${key}`, from[key]);
  }
  return from as unknown as F;
}

/** Checks a fault's target. Absent is fine. */
export function parseTarget(option: string, value: unknown): FaultTarget {
  if (value === undefined) return {};
  const from = asRecord(option, value, ["endpoint", "connection"]);
  const { endpoint, connection } = from;
  if (endpoint !== undefined) asChoice(`${option}.endpoint`, endpoint, ["stream", "ws-api", "all"]);
  if (connection !== undefined) asInteger(`${option}.connection`, connection, ONE_UP);
  return from;
}

/** Checks one entry of a script; `parse` checks its fault. */
export function parseScriptedFault<F = Fault>(
  option: string,
  value: unknown,
  parse: (option: string, value: unknown) => F,
): ScriptedFault<F> {
  const from = asRecord(option, value, ["when", "fault", "target"]);
  return {
    when: parseTrigger(`${option}.when`, from["when"]),
    fault: parse(`${option}.fault`, from["fault"]),
    target: parseTarget(`${option}.target`, from["target"]),
  };
}

function parseTrigger(option: string, value: unknown): FaultTrigger {
  const from = asRecord(option, value, ["kind", "afterMs", "number"]);
  const kind = asChoice(`${option}.kind`, from["kind"], ["time", "frame", "connection-frame"]);
  if (kind === "time") return { kind, afterMs: asNumber(`${option}.afterMs`, from["afterMs"]) };
  return { kind, number: asInteger(`${option}.number`, from["number"], ONE_UP) };
}
