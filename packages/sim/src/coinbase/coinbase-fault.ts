import { asFlag, asInteger, asText } from "../check.js";
import type { Fault, FaultTarget } from "../faults/fault.js";
import { type Faults, faultMethods, making, type MethodOf } from "../faults/faults.js";
import { type FaultRules, oneOf, parseKind, without } from "../faults/parse-fault.js";
import { optional, type Rule } from "../option-rules.js";
import { type Channel, CHANNELS } from "./channels.js";
import type { CoinbaseAppliedFault } from "./stats.js";

/** Faults of other venues' rules, which this one has not. */
const FOREIGN = [
  "expire",
  "server-shutdown",
  "ban",
  "unban",
  "stale-depth",
  "answer-errors",
  "terminate-user-data",
  "firewall",
  "order-trouble",
] as const;
type Foreign = (typeof FOREIGN)[number];

/**
 * A fault of any venue that happens here too. `gap` leaves out so many `sequence_num`s on every
 * connection it is aimed at. `old-trades` with `refuse` answers 429, with `Retry-After` where
 * `forMs` is given.
 */
export type CommonFault = Exclude<Fault, { kind: Foreign }>;

/**
 * What can go wrong at this simulator. Targets: endpoint `stream` is the market endpoint, `ws-api`
 * the user endpoint; without a target all connections are meant.
 */
export type CoinbaseFault =
  | CommonFault
  /**
   * Answer the next `count` (default 1) requests, of any channel or of this one, with an error
   * instead of carrying them out.
   */
  | {
      readonly kind: "refuse-requests";
      readonly message: string;
      readonly count?: number;
      readonly channel?: Channel;
    }
  /**
   * Change nothing for the next `count` (default 1) requests of this type, of any channel or of
   * this one: acknowledge them with the set as it is, or, with `answered: false`, not at all.
   */
  | {
      readonly kind: "ignore-requests";
      readonly type: "subscribe" | "unsubscribe";
      readonly count?: number;
      readonly channel?: Channel;
      readonly answered?: boolean;
    }
  /** Lose a product's subscription without a word: the next acknowledgement does not list it. */
  | { readonly kind: "forget"; readonly channel: Channel; readonly productId: string };

type CommonMethods = Omit<Faults, "apply" | MethodOf<Foreign>>;

/**
 * The control surface for faults: `apply` takes any, and each has a method of its own. They act at
 * once.
 */
export type CoinbaseFaults = {
  readonly [Method in keyof CommonMethods]: (
    ...args: Parameters<CommonMethods[Method]>
  ) => CoinbaseAppliedFault;
} & {
  readonly apply: (fault: CoinbaseFault, target?: FaultTarget) => CoinbaseAppliedFault;
  /** Answer the next requests with an error. */
  readonly refuseRequests: (
    message: string,
    count?: number,
    channel?: Channel,
  ) => CoinbaseAppliedFault;
  /** Change nothing for the next requests of a type. */
  readonly ignoreRequests: (
    type: "subscribe" | "unsubscribe",
    options?: {
      readonly count?: number;
      readonly channel?: Channel;
      readonly answered?: boolean;
    },
  ) => CoinbaseAppliedFault;
  /** Lose a subscription without a word. */
  readonly forget: (channel: Channel, productId: string) => CoinbaseAppliedFault;
};

/** The methods over a single `apply`. */
export function coinbaseFaults(
  apply: (fault: CoinbaseFault, target?: FaultTarget) => CoinbaseAppliedFault,
): CoinbaseFaults {
  // What the shared methods hand through is whatever `apply` gives.
  const shared = faultMethods(apply as unknown as Faults["apply"]) as unknown as CoinbaseFaults;
  const make = making(apply);
  return {
    ...shared,
    apply,
    refuseRequests: (message, count = 1, channel) =>
      make("refuse-requests", { message, count, channel }),
    ignoreRequests: (type, options) => make("ignore-requests", { type, ...options }),
    forget: (channel, productId) => make("forget", { channel, productId }),
  };
}

const channel: Rule<Channel> = oneOf(...(Object.keys(CHANNELS) as Channel[]));

const RULES: FaultRules<CoinbaseFault> = {
  ...without(FOREIGN),
  "refuse-requests": { message: asText, count: optional(asInteger), channel: optional(channel) },
  "ignore-requests": {
    type: oneOf("subscribe", "unsubscribe"),
    count: optional(asInteger),
    channel: optional(channel),
    answered: optional(asFlag),
  },
  forget: { channel, productId: asText },
};

/** Checks a fault that came from outside. Throws a `SimOptionError` naming the field. */
export function parseCoinbaseFault(option: string, value: unknown): CoinbaseFault {
  return parseKind(option, value, RULES);
}
