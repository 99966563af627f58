import type { ConfigIssue } from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";
import { numberFault, typeName } from "./number-fault.js";
import type { NumberRange } from "./number-fault.js";

/**
 * The settings of the resilience stack. Every duration is in milliseconds, every size in bytes. A
 * setting without a default is off when it is absent; one with a default is switched off with
 * `false` where its type says so. Zero never means off.
 */
export interface ResilienceConfig {
  readonly connect: {
    /**
     * How long one attempt may take, from the `AuthSource` to the 101. Default 10 000: a silent TCP
     * peer would take 135 s.
     */
    readonly timeoutMs: number;
  };
  readonly backoff: {
    /**
     * Ceiling of the delay after the first failure in a row, the loss of a proven connection or a
     * failed first attempt, in front of the others; at most `minMs`. 0: at once, within what the
     * attempt gate allows. For a feed whose blind time costs more than a venue's goodwill: clients
     * that are cut off together come back together. Default: none of its own, and the first ceiling
     * is `minMs`.
     */
    readonly firstMs: number | undefined;
    /**
     * Ceiling of the first delay, or of the second with `firstMs`; what is drawn lies in its upper
     * half. Default 250.
     */
    readonly minMs: number;
    /**
     * Ceiling of every delay. Default 30 000: a longer one makes the outage longer than its cause.
     */
    readonly maxMs: number;
    /** Growth from one failure to the next; >= 1. Default 2. */
    readonly factor: number;
    /**
     * How long a connection must last to have proved itself and start the backoff again. Default 10
     * 000.
     */
    readonly stableAfterMs: number;
  };
  readonly attempts: {
    /**
     * Attempts in any window of `windowMs`, counted with everyone who shares the gate. Default 20.
     */
    readonly max: number;
    /** Default 60 000. */
    readonly windowMs: number;
    /**
     * Tries after the first permanent failure in a row before `unrecoverable`. Default 3: a session
     * may heal. Once they are used up, tries are a minute apart.
     */
    readonly permanentRetries: number;
    /**
     * How long refused credentials (401 and 403 of the upgrade, the `AuthSource`) are retried, from
     * the first refusal in a row, before they end a connection that has been up. Default 900 000
     * (15 min): a firewall or a token service that refuses for seconds must not end a feed that ran
     * for hours. `false`: tries alone decide.
     */
    readonly permanentForMs: number | false;
    /**
     * Failed attempts in a row after which to give up voluntarily (`exhausted`). Default absent:
     * never.
     */
    readonly maxAttempts: number | undefined;
  };
  readonly failover: {
    /**
     * With several endpoints: how long a connection has to be up at another endpoint than the first
     * before the first is tried beside it. If that works, the connection goes over; if not, the
     * pause before the next trial doubles, up to an hour. Default absent: it stays where it is.
     */
    readonly returnAfterMs: number | undefined;
  };
  /**
   * `false`: neither direction is watched, no probe goes out, and only the end of the socket is
   * noticed.
   */
  readonly liveness:
    | {
        /** Silence after which a ping goes out. Default 5 000. */
        readonly probeAfterMs: number;
        /** Silence after which the phase is `stale`. Default 10 000; must exceed `probeAfterMs`. */
        readonly staleAfterMs: number;
        /**
         * Silence after which the socket is dropped. Default 15 000; must exceed `staleAfterMs`.
         */
        readonly deadAfterMs: number;
        /**
         * How long the kernel may take nothing of what the socket holds before the connection is
         * dropped (`WRITE_STALLED`): the peer does not read. Default: `deadAfterMs`; `false`:
         * never.
         */
        readonly writeStallMs: number | false;
        /**
         * How often a ping measures the round trip also while the feed is busy, charged to
         * `send.rateLimit` and skipped when fewer than two slots are free. Default absent: only the
         * probes of a silent feed measure.
         */
        readonly roundTripEveryMs: number | undefined;
      }
    | false;
  readonly buffer: {
    /** Received frames that may wait for the consumer. Default 65 536. */
    readonly maxFrames: number;
    /**
     * Memory that waiting frames may keep in use: their payloads, and what shares memory with
     * these. Default 64 MiB; must hold at least one message of `limits.maxMessageBytes`.
     */
    readonly maxBytes: number;
    /**
     * The age above which waiting frames are dropped, when others arrive and when the reader takes
     * one; the newest frame always stays. They count in `totalLagged` like those that did not fit.
     * For readers to whom old data is worse than none. Default absent: age drops nothing.
     */
    readonly maxAgeMs: number | undefined;
    /**
     * How long a frame may wait before the snapshot says, in `readerBehindSince`, that the reader
     * is behind. Default 5 000; `false` for never.
     */
    readonly staleReaderMs: number | false;
  };
  readonly send: {
    /**
     * At most `max` frames (at most 100 000) in any `windowMs`, pings and pongs included. Default
     * absent: no limit. `slackMs` widens the window on our side, because what leaves evenly can
     * arrive bunched. Absent, it follows the measured round trips: twice the spread of the last
     * 16, at least 100 ms, at most `windowMs`. A number fixes it; 0 is no slack. A frame counts
     * from when the operating system has it.
     */
    readonly rateLimit:
      | { readonly max: number; readonly windowMs: number; readonly slackMs: number | undefined }
      | undefined;
    /** Sends that may be unsettled at once. Default 1 024. */
    readonly maxPending: number;
    /**
     * Payload bytes that may be unsettled; a string counts one byte a UTF-16 unit. Default 16 MiB.
     */
    readonly maxPendingBytes: number;
  };
  readonly shutdown: {
    /** How long the closing handshake may take. Default 5 000. */
    readonly timeoutMs: number;
  };
  readonly limits: {
    /**
     * The largest message accepted. Enforced by the leaf; `open()` and `build()` hand it on.
     * Default 32 MiB.
     */
    readonly maxMessageBytes: number;
  };
}

type Loose<T> = T extends object ? { readonly [K in keyof T]?: Loose<T[K]> | undefined } : T;

/** What a user writes: any part of {@link ResilienceConfig}. */
export type PartialConfig = Loose<ResilienceConfig>;

interface Field extends NumberRange {
  /** `undefined`: the setting is off unless given. */
  readonly default: number | undefined;
  /** Whether `false` switches the setting off. */
  readonly canBeOff?: boolean;
}

const MIB = 1024 * 1024;
const duration = (value: number | undefined): Field => ({ default: value, min: 1 });
const count = (value: number | undefined, min = 1): Field => ({ default: value, min, whole: true });

const GROUPS = {
  connect: { timeoutMs: duration(10_000) },
  backoff: {
    firstMs: { default: undefined, min: 0 },
    minMs: duration(250),
    maxMs: duration(30_000),
    factor: { default: 2, min: 1 },
    stableAfterMs: { default: 10_000, min: 0 },
  },
  attempts: {
    max: count(20),
    windowMs: duration(60_000),
    permanentRetries: count(3, 0),
    permanentForMs: { ...duration(900_000), canBeOff: true },
    maxAttempts: count(undefined),
  },
  failover: { returnAfterMs: duration(undefined) },
  liveness: {
    probeAfterMs: duration(5_000),
    staleAfterMs: duration(10_000),
    deadAfterMs: duration(15_000),
    // The default is filled in below, from `deadAfterMs`.
    writeStallMs: { ...duration(undefined), canBeOff: true },
    roundTripEveryMs: duration(undefined),
  },
  buffer: {
    maxFrames: count(65_536),
    maxBytes: count(64 * MIB),
    maxAgeMs: duration(undefined),
    staleReaderMs: { default: 5_000, min: 1, canBeOff: true },
  },
  send: { maxPending: count(1_024), maxPendingBytes: count(16 * MIB) },
  shutdown: { timeoutMs: { default: 5_000, min: 0 } },
  limits: { maxMessageBytes: count(32 * MIB) },
} as const satisfies Record<string, Record<string, Field>>;

/** Groups that `false` switches off as a whole. */
const CAN_BE_OFF: readonly string[] = ["liveness"] satisfies (keyof typeof GROUPS)[];

const RATE_LIMIT: Record<string, Field> = {
  max: { default: undefined, min: 1, max: 100_000, whole: true },
  windowMs: duration(undefined),
  slackMs: { default: undefined, min: 0 },
};
const REQUIRED = ["max", "windowMs"];

/** Pairs of which the first must be less than (or, with `orEqual`, at most) the second. */
const ORDER: readonly { readonly low: string; readonly high: string; readonly orEqual: boolean }[] =
  [
    { low: "backoff.firstMs", high: "backoff.minMs", orEqual: true },
    { low: "backoff.minMs", high: "backoff.maxMs", orEqual: true },
    { low: "liveness.probeAfterMs", high: "liveness.staleAfterMs", orEqual: false },
    { low: "liveness.staleAfterMs", high: "liveness.deadAfterMs", orEqual: false },
    { low: "limits.maxMessageBytes", high: "buffer.maxBytes", orEqual: true },
  ];

type Group = Readonly<Record<string, unknown>>;

/**
 * What was resolved before is not copied again: `open()` hands its configuration on to `stack()`,
 * and many connections share one.
 */
const resolved = new WeakSet<object>();

/** Groups of which nothing was given, for all connections that give nothing of them. */
const defaultGroups: Record<string, Group> = {};

/** What was resolved last: connections that are given the same values one by one share it. */
let last: Readonly<Record<string, Group | false>> | undefined;

/**
 * Fills in the defaults and checks everything.
 *
 * @throws ConfigError with every problem: wrong types, unknown keys, NaN, infinite, negative or
 *   fractional values where they make no sense, and settings that contradict each other
 */
export function resolveConfig(partial?: PartialConfig): ResilienceConfig {
  if (partial !== undefined && resolved.has(partial)) return partial as ResilienceConfig;
  const issues: ConfigIssue[] = [];
  const flat = new Map<string, number | undefined>();
  const root = asRecord(partial, "config", issues);
  refuseUnknown(root, Object.keys(GROUPS), "", issues);
  const groups: Record<string, Group | false> = {};
  for (const [name, fields] of Object.entries(GROUPS)) {
    if (root[name] === false && CAN_BE_OFF.includes(name)) {
      groups[name] = false;
      continue;
    }
    const given = asRecord(root[name], name, issues);
    const extra = name === "send" ? ["rateLimit"] : [];
    refuseUnknown(given, [...Object.keys(fields), ...extra], `${name}.`, issues);
    const values: Record<string, unknown> = readFields(fields, given, `${name}.`, issues, flat);
    if (name === "liveness") values["writeStallMs"] ??= values["deadAfterMs"];
    if (name === "send") values["rateLimit"] = readRateLimit(given["rateLimit"], issues, flat);
    const group = Object.freeze(values);
    groups[name] = Object.keys(given).length === 0 ? (defaultGroups[name] ??= group) : group;
  }
  for (const rule of ORDER) checkOrder(rule, flat, issues);
  if (issues.length > 0) throw new ConfigError(issues);
  if (last === undefined || !isSame(groups, last)) {
    resolved.add(groups);
    last = Object.freeze(groups);
  }
  // The table above has exactly the fields of the interface; the tests compare them.
  return last as unknown as ResilienceConfig;
}

/** Whether two resolved configurations, or parts of them, have the same values. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  return Object.entries(a).every(([key, value]) => isSame(value, (b as Group)[key]));
}

function readRateLimit(
  value: unknown,
  issues: ConfigIssue[],
  flat: Map<string, number | undefined>,
): unknown {
  if (value === undefined) return undefined;
  const path = "send.rateLimit";
  const given = asRecord(value, path, issues);
  refuseUnknown(given, Object.keys(RATE_LIMIT), `${path}.`, issues);
  for (const key of REQUIRED) {
    if (given[key] === undefined) issues.push({ path: `${path}.${key}`, message: "is required" });
  }
  return Object.freeze(readFields(RATE_LIMIT, given, `${path}.`, issues, flat));
}

function readFields(
  fields: Readonly<Record<string, Field>>,
  given: Readonly<Record<string, unknown>>,
  prefix: string,
  issues: ConfigIssue[],
  flat: Map<string, number | undefined>,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(fields)) {
    const path = prefix + key;
    const value = given[key] ?? field.default;
    values[key] = value;
    if (value === false && field.canBeOff === true) continue;
    const message = given[key] === null ? "must be a number, got null" : fault(field, value);
    if (message !== undefined) issues.push({ path, message });
    else flat.set(path, value as number | undefined);
  }
  return values;
}

function fault(field: Field, value: unknown): string | undefined {
  return value === undefined ? undefined : numberFault(field, value);
}

function checkOrder(
  rule: (typeof ORDER)[number],
  flat: ReadonlyMap<string, number | undefined>,
  issues: ConfigIssue[],
): void {
  const low = flat.get(rule.low);
  const high = flat.get(rule.high);
  if (low === undefined || high === undefined) return;
  if (rule.orEqual ? low <= high : low < high) return;
  const relation = rule.orEqual ? "at least" : "greater than";
  issues.push({
    path: rule.high,
    message: `must be ${relation} ${rule.low} (${low}), got ${high}`,
  });
}

function asRecord(
  value: unknown,
  path: string,
  issues: ConfigIssue[],
): Readonly<Record<string, unknown>> {
  if (value === undefined) return {};
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  issues.push({ path, message: `must be an object, got ${typeName(value)}` });
  return {};
}

function refuseUnknown(
  given: Readonly<Record<string, unknown>>,
  known: readonly string[],
  prefix: string,
  issues: ConfigIssue[],
): void {
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      issues.push({ path: prefix + key, message: `is not a setting (known: ${known.join(", ")})` });
    }
  }
}
