import { asChoice, asFlag, asInteger, asRecord, asText, orDefault } from "../check.js";
import type { Fault, FaultTarget } from "../faults/fault.js";
import { type Faults, faultMethods } from "../faults/faults.js";
import { parseFault } from "../faults/parse-fault.js";
import { SimOptionError } from "../option-error.js";
import { type Channel, CHANNELS } from "./channels.js";
import type { CoinbaseAppliedFault } from "./stats.js";

/** Faults of other venues' rules, which this one has not. */
const FOREIGN = [
  "expire",
  "server-shutdown",
  "ban",
  "unban",
  "stale-depth",
  "old-trades",
  "answer-errors",
  "terminate-user-data",
  "firewall",
  "order-trouble",
] as const;
type Foreign = (typeof FOREIGN)[number];

/**
 * A fault of any venue that happens here too. `gap` leaves out so many `sequence_num`s on every
 * connection it is aimed at.
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

type ForeignMethod =
  | "expire"
  | "serverShutdown"
  | "ban"
  | "unban"
  | "staleDepth"
  | "answerErrors"
  | "terminateUserData"
  | "firewall"
  | "orderTrouble";
type CommonMethods = Omit<Faults, "apply" | ForeignMethod>;

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
  return {
    ...shared,
    apply,
    refuseRequests: (message, count = 1, channel) =>
      apply({
        kind: "refuse-requests",
        message,
        count,
        ...(channel === undefined ? {} : { channel }),
      }),
    ignoreRequests: (type, options = {}) => apply({ kind: "ignore-requests", type, ...options }),
    forget: (channel, productId) => apply({ kind: "forget", channel, productId }),
  };
}

/** Checks a fault that came from outside. Throws a {@link SimOptionError} naming the field. */
export function parseCoinbaseFault(option: string, value: unknown): CoinbaseFault {
  const kind =
    typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
  if (kind === "forget") {
    const from = asRecord(option, value, ["kind", "channel", "productId"]);
    return {
      kind,
      channel: asChannel(`${option}.channel`, from["channel"]),
      productId: asText(`${option}.productId`, from["productId"]),
    };
  }
  if (kind === "refuse-requests") {
    const from = asRecord(option, value, ["kind", "message", "count", "channel"]);
    return { kind, message: asText(`${option}.message`, from["message"]), ...which(option, from) };
  }
  if (kind === "ignore-requests") {
    const from = asRecord(option, value, ["kind", "type", "count", "channel", "answered"]);
    const type = asChoice(`${option}.type`, from["type"], ["subscribe", "unsubscribe"]);
    const answered = orDefault(from["answered"], true, (each) =>
      asFlag(`${option}.answered`, each),
    );
    return { kind, type, answered, ...which(option, from) };
  }
  const fault = parseFault(option, value);
  if (isForeign(fault))
    throw new SimOptionError(`${option}.kind`, `${fault.kind} is no fault of this venue`);
  return fault;
}

/** Which requests a fault is about. */
function which(
  option: string,
  { count, channel }: Readonly<Record<string, unknown>>,
): { readonly count?: number; readonly channel?: Channel } {
  return {
    ...(count === undefined ? {} : { count: asInteger(`${option}.count`, count) }),
    ...(channel === undefined ? {} : { channel: asChannel(`${option}.channel`, channel) }),
  };
}

function asChannel(option: string, value: unknown): Channel {
  return asChoice(option, value, Object.keys(CHANNELS) as Channel[]);
}

function isForeign(fault: Fault): fault is Extract<Fault, { kind: Foreign }> {
  return FOREIGN.some((kind) => kind === fault.kind);
}
