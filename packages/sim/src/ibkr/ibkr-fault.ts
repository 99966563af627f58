import { asFlag, asInteger, asRecord } from "../check.js";
import type { Fault } from "../faults/fault.js";
import { type Faults, faultMethods } from "../faults/faults.js";
import {
  count,
  duration,
  type FaultShapes,
  type Field,
  parseFault,
  parseShaped,
  text,
} from "../faults/parse-fault.js";
import { SimOptionError } from "../option-error.js";
import type { IbkrFaultTarget } from "./options.js";
import type { IbkrAppliedFault } from "./stats.js";

/**
 * Faults of other venues' rules, which this one has not: there are no numbers to leave out, no
 * keys, no bans of addresses.
 */
const FOREIGN = [
  "gap",
  "expire",
  "server-shutdown",
  "ban",
  "unban",
  "stale-depth",
  "old-trades",
  "revoke-key",
  "answer-errors",
  "terminate-user-data",
  "firewall",
] as const;
type Foreign = (typeof FOREIGN)[number];

/**
 * A fault of any venue that happens here too. `burst` moves the market until every follower of a
 * line was sent so many frames more.
 */
export type IbkrCommonFault = Exclude<Fault, { kind: Foreign }>;

/** What only this venue can do. */
type IbkrOwnFault =
  /** TCP ends without a close frame or a reset: the client sees 1006. */
  | { readonly kind: "cut" }
  /** Market data subscriptions die without a word, as by age (I-20): one topic, or all. */
  | { readonly kind: "expire-topic"; readonly topic?: string }
  /** The brokerage session is lost (I-14). `silent`: without the `sts` frame. */
  | { readonly kind: "lose-session"; readonly silent?: boolean }
  /** Another platform takes the brokerage session (I-11). `silent`: without the `sts` frame. */
  | { readonly kind: "compete"; readonly silent?: boolean }
  /** That platform logs out again. The session does not come back by itself. */
  | { readonly kind: "rival-leaves" }
  /** The reset at midnight (I-9): ends what idling ends. Sockets stay open. */
  | { readonly kind: "midnight-reset" }
  /** The login itself is over: REST answers 401 until `sim.session.login()`. */
  | { readonly kind: "login-expires" }
  /** Every REST request answers 429 for so long (default: option `pacing.penaltyMs`). */
  | { readonly kind: "penalty-box"; readonly forMs?: number }
  /** The next `count` (default 1) data frames contain a byte 0x99, which is not UTF-8 (I-8). */
  | { readonly kind: "stray-byte"; readonly count?: number }
  /** A market data frame without `conid` and without data, for every line. */
  | { readonly kind: "empty-update" }
  /**
   * The next `count` (default 1) REST requests, of any path or of this one, answer with this
   * status.
   */
  | {
      readonly kind: "fail-requests";
      readonly status: number;
      readonly count?: number;
      readonly path?: string;
    }
  /**
   * The next `count` (default 1) subscriptions to this topic are answered "unable to subscribe",
   * and work afterwards.
   */
  | { readonly kind: "refuse-topic"; readonly topic: string; readonly count?: number }
  /**
   * The gateway logs in anew by itself: `/tickle` names another `session`. Sockets of the old one
   * stay open and beat, answer `tic`, and bring nothing.
   */
  | { readonly kind: "roll-session" };

/** What can go wrong at this simulator. */
export type IbkrFault = IbkrCommonFault | IbkrOwnFault;

type ForeignMethod =
  | "gap"
  | "expire"
  | "serverShutdown"
  | "ban"
  | "unban"
  | "staleDepth"
  | "revokeKey"
  | "answerErrors"
  | "terminateUserData"
  | "firewall";
type CommonMethods = Omit<Faults, "apply" | ForeignMethod>;
/** Parameters as they are elsewhere, but that targets have no endpoint: there is only one. */
type AimedHere<P extends readonly unknown[]> = {
  [I in keyof P]: "endpoint" extends keyof NonNullable<P[I]> ? IbkrFaultTarget | undefined : P[I];
};

/**
 * The control surface for faults: `apply` takes any, and each has a method of its own. They act at
 * once.
 */
export type IbkrFaults = {
  readonly [Method in keyof CommonMethods]: (
    ...args: AimedHere<Parameters<CommonMethods[Method]>>
  ) => IbkrAppliedFault;
} & {
  /** Makes a fault happen now. Throws a {@link SimOptionError} for one that cannot work. */
  readonly apply: (fault: IbkrFault, target?: IbkrFaultTarget) => IbkrAppliedFault;
  /** TCP ends without a close frame. */
  readonly cut: (target?: IbkrFaultTarget) => IbkrAppliedFault;
  /** Market data subscriptions die without a word: this one, or all. */
  readonly expireTopic: (topic?: string, target?: IbkrFaultTarget) => IbkrAppliedFault;
  /** The brokerage session is lost. */
  readonly loseSession: (options?: { readonly silent?: boolean }) => IbkrAppliedFault;
  /** Another platform takes the brokerage session. */
  readonly compete: (options?: { readonly silent?: boolean }) => IbkrAppliedFault;
  readonly rivalLeaves: () => IbkrAppliedFault;
  readonly midnightReset: () => IbkrAppliedFault;
  readonly loginExpires: () => IbkrAppliedFault;
  readonly penaltyBox: (forMs?: number) => IbkrAppliedFault;
  readonly strayByte: (count?: number, target?: IbkrFaultTarget) => IbkrAppliedFault;
  readonly emptyUpdate: (target?: IbkrFaultTarget) => IbkrAppliedFault;
  readonly refuseTopic: (topic: string, count?: number) => IbkrAppliedFault;
  readonly rollSession: () => IbkrAppliedFault;
  readonly failRequests: (status: number, count?: number, path?: string) => IbkrAppliedFault;
};

/** The methods over a single `apply`. */
export function ibkrFaults(apply: IbkrFaults["apply"]): IbkrFaults {
  // What the shared methods hand through is whatever `apply` gives.
  const shared = faultMethods(apply as unknown as Faults["apply"]) as unknown as IbkrFaults;
  return {
    ...shared,
    apply,
    clear: () => apply({ kind: "clear" }),
    cut: (target) => apply({ kind: "cut" }, target),
    expireTopic: (topic, target) =>
      apply(
        topic === undefined ? { kind: "expire-topic" } : { kind: "expire-topic", topic },
        target,
      ),
    loseSession: (options = {}) => apply({ kind: "lose-session", ...options }),
    compete: (options = {}) => apply({ kind: "compete", ...options }),
    rivalLeaves: () => apply({ kind: "rival-leaves" }),
    midnightReset: () => apply({ kind: "midnight-reset" }),
    loginExpires: () => apply({ kind: "login-expires" }),
    penaltyBox: (forMs) =>
      apply(forMs === undefined ? { kind: "penalty-box" } : { kind: "penalty-box", forMs }),
    strayByte: (count = 1, target) => apply({ kind: "stray-byte", count }, target),
    emptyUpdate: (target) => apply({ kind: "empty-update" }, target),
    refuseTopic: (topic, count = 1) => apply({ kind: "refuse-topic", topic, count }),
    rollSession: () => apply({ kind: "roll-session" }),
    failRequests: (status, count = 1, path) =>
      apply({ kind: "fail-requests", status, count, ...(path === undefined ? {} : { path }) }),
  };
}

const silent: Field = (option, value) => asFlag(option, value);

const OWN_SHAPES: FaultShapes<IbkrOwnFault["kind"]> = {
  cut: {},
  "expire-topic": { optional: { topic: text } },
  "lose-session": { optional: { silent } },
  compete: { optional: { silent } },
  "rival-leaves": {},
  "midnight-reset": {},
  "login-expires": {},
  "penalty-box": { optional: { forMs: duration } },
  "stray-byte": { optional: { count } },
  "empty-update": {},
  "fail-requests": {
    required: { status: (option, value) => asInteger(option, value, { min: 400, max: 599 }) },
    optional: { count, path: text },
  },
  "refuse-topic": { required: { topic: text }, optional: { count } },
  "roll-session": {},
};

/** Checks a fault that came from outside. Throws a {@link SimOptionError} naming the field. */
export function parseIbkrFault(option: string, value: unknown): IbkrFault {
  const kind =
    typeof value === "object" && value !== null && "kind" in value ? String(value.kind) : "";
  if (kind in OWN_SHAPES) return parseShaped<IbkrOwnFault>(option, value, OWN_SHAPES);
  const fault = parseFault(option, value);
  if (isForeign(fault))
    throw new SimOptionError(`${option}.kind`, `${fault.kind} is no fault of this venue`);
  return fault;
}

/** Checks a fault's target. Absent is fine. */
export function parseIbkrTarget(option: string, value: unknown): IbkrFaultTarget {
  const from = asRecord(option, value ?? {}, ["connection"]);
  if (from["connection"] !== undefined) count(`${option}.connection`, from["connection"]);
  return from;
}

function isForeign(fault: Fault): fault is Extract<Fault, { kind: Foreign }> {
  return FOREIGN.some((kind) => kind === fault.kind);
}
