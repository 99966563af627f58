import { asFlag, asText } from "../check.js";
import type { Fault } from "../faults/fault.js";
import { type Faults, faultMethods, making, type MethodOf } from "../faults/faults.js";
import {
  count,
  duration,
  type FaultRules,
  parseKind,
  text,
  within,
  without,
} from "../faults/parse-fault.js";
import { optional, resolve, type Rule } from "../option-rules.js";
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
   * The gateway logs in again by itself: `/tickle` names another `session`. Sockets of the old one
   * stay open and beat, answer `tic`, and bring nothing.
   */
  | { readonly kind: "roll-session" };

/** What can go wrong at this simulator. */
export type IbkrFault = IbkrCommonFault | IbkrOwnFault;

type CommonMethods = Omit<Faults, "apply" | MethodOf<Foreign>>;
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
  const make = making(apply);
  return {
    ...shared,
    apply,
    clear: () => make("clear"),
    cut: (target) => make("cut", {}, target),
    expireTopic: (topic, target) => make("expire-topic", { topic }, target),
    loseSession: (options) => make("lose-session", options),
    compete: (options) => make("compete", options),
    rivalLeaves: () => make("rival-leaves"),
    midnightReset: () => make("midnight-reset"),
    loginExpires: () => make("login-expires"),
    penaltyBox: (forMs) => make("penalty-box", { forMs }),
    strayByte: (times = 1, target) => make("stray-byte", { count: times }, target),
    emptyUpdate: (target) => make("empty-update", {}, target),
    refuseTopic: (topic, times = 1) => make("refuse-topic", { topic, count: times }),
    rollSession: () => make("roll-session"),
    failRequests: (status, times = 1, path) =>
      make("fail-requests", { status, count: times, path }),
  };
}

const silent: Rule<boolean | undefined> = optional(asFlag);

const RULES: FaultRules<IbkrFault> = {
  ...without(FOREIGN),
  cut: {},
  "expire-topic": { topic: text },
  "lose-session": { silent },
  compete: { silent },
  "rival-leaves": {},
  "midnight-reset": {},
  "login-expires": {},
  "penalty-box": { forMs: duration },
  "stray-byte": { count },
  "empty-update": {},
  "fail-requests": { status: within(400, 599), count, path: text },
  "refuse-topic": { topic: asText, count },
  "roll-session": {},
};

/** Checks a fault that came from outside. Throws a `SimOptionError` naming the field. */
export function parseIbkrFault(option: string, value: unknown): IbkrFault {
  return parseKind(option, value, RULES);
}

/** Checks a fault's target. Absent is fine. */
export function parseIbkrTarget(option: string, value: unknown): IbkrFaultTarget {
  return resolve<IbkrFaultTarget>(option, value, { connection: count });
}
