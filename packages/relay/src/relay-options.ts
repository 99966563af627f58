import type { ConfigIssue } from "@oath-ws/contract";
import { ConfigError, isConfigError } from "@oath-ws/contract";
import { resolveConfig } from "@oath-ws/resilience";
import {
  callback,
  count,
  duration,
  group,
  must,
  number,
  objectWith,
  optionIssues,
  unchecked,
} from "@oath-ws/venue-kit";
import type { OptionRule, OptionRules, OrderBook } from "@oath-ws/venue-kit";
import type { NewId, Spawn, Timer } from "@oath-ws/contract";
import type { PartialConfig } from "@oath-ws/resilience";
import type { RelayEngine } from "./engine/engine.js";
import type { NatsOptions } from "./engine/nats-options.js";
import { natsIssues } from "./engine/nats-options.js";
import { shardFault } from "./engine/open-nats.js";
import type { StreamSettings } from "./engine/open-nats.js";
import type { OwnerSettings } from "./owner/owner.js";
import { positionIssues } from "./reader/position.js";
import type { RelayPosition } from "./reader/position.js";

/** What only tests and simulations replace. */
export interface RelaySeams {
  /** Default: a connection to {@link NatsOptions}. */
  readonly engine?: RelayEngine | undefined;
  /** Default: Node's clocks. */
  readonly timer?: Timer | undefined;
  /** Default: microtasks. */
  readonly spawn?: Spawn | undefined;
  /** Default: 128 bits of `node:crypto`. */
  readonly newId?: NewId | undefined;
  /**
   * Told of each input that a state of `OWNER_TABLE` or `FOLLOWER_TABLE` lists, with the state that
   * it meets. Must not throw. Default: nothing is told.
   */
  readonly onStep?:
    | ((table: "owner" | "follower", state: string, input: string) => void)
    | undefined;
}

/** Options of `relay`. */
export interface RelayOptions extends RelaySeams {
  /** The NATS server: an address, or {@link NatsOptions}. */
  readonly nats?: NatsOptions | string | undefined;
  /**
   * The name of the shard: 1 to 64 letters, digits, `_` or `-`. All relays of one name carry the
   * same topics; one of them owns the shard, and the others stand by.
   */
  readonly shard: string;
  /** The topics of a feed that are relayed, at most 4 096 together with {@link books}. */
  readonly topics?: readonly string[] | undefined;
  /**
   * Books that are relayed, by the name under which readers find them. Make them with
   * `updates: { kind: "reliable" }`, and leave the reading of their updates to the relay.
   */
  readonly books?: Readonly<Record<string, OrderBook>> | undefined;
  /** A word for readers, such as the venue's name. At most 256 characters. Default none. */
  readonly note?: string | undefined;
  /**
   * How long a lease lasts that is not renewed, in milliseconds: a relay that stands by takes over
   * at most this and a quarter of it after the owner died. Default 3 000.
   */
  readonly leaseMs?: number | undefined;
  /**
   * The time between two watermarks, in milliseconds; at most a third of {@link leaseMs}, which is
   * renewed as often. Default 1 000.
   */
  readonly markMs?: number | undefined;
  /** The time between two whole images of each book, in milliseconds. Default 10 000. */
  readonly imageMs?: number | undefined;
  /**
   * How long items are kept in memory that the stream has, in milliseconds, because an engine may
   * forget what it acknowledged. Default 150 000: JetStream writes to its disk every two minutes.
   */
  readonly keepMs?: number | undefined;
  /**
   * Memory for items, in bytes. When the engine is away for longer than it lasts, the oldest go,
   * and readers get a gap record. Default 67 108 864. /
   */
  readonly maxBytes?: number | undefined;
  /** The longest batch, in bytes. Default 262 144. */
  readonly maxBatchBytes?: number | undefined;
  /** How the stream is kept. All relays of one name must say the same. */
  readonly stream?: StreamSettings | undefined;
  /** Told of what no state tells. What it throws is ignored. Default: nothing is told. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** Options of `fromRelay`. */
export interface FromRelayOptions extends RelaySeams {
  /** The NATS server: an address, or {@link NatsOptions}. */
  readonly nats?: NatsOptions | string | undefined;
  /** The name of the shard. */
  readonly shard: string;
  /**
   * Go on at this place of an earlier reader of the same shard. Default: begin with what comes now.
   */
  readonly after?: RelayPosition | undefined;
  /** Bounds of the buffer of frames, as for `open()`. */
  readonly buffer?: PartialConfig["buffer"];
  /** Cancels the wait until it is known what the relay carries. */
  readonly signal?: AbortSignal | undefined;
  /** Told of messages that cannot be read. What it throws is ignored. Default: nothing is told. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

const MAX_TOPICS = 4_096;

const SHARD: OptionRule = (value, path) => {
  const message = shardFault(value);
  return message === undefined ? [] : [{ path, message }];
};

const NOTE: OptionRule = (value, path) =>
  value === undefined || (typeof value === "string" && value.length <= 256)
    ? []
    : [{ path, message: "must be a string of at most 256 characters" }];

const SEAMS: OptionRules<RelaySeams> = {
  engine: objectWith("append", "read", "ends", "watch", "close", "get", "put"),
  timer: objectWith("now", "wallNow", "schedule"),
  spawn: objectWith("spawn"),
  newId: callback,
  onStep: callback,
};

const STREAM: OptionRules<StreamSettings> = {
  maxAgeMs: number({ min: 1_000 }),
  maxBytes: number({ min: 1_048_576, whole: true }),
  replicas: number({ min: 1, max: 5, whole: true }),
};

const RELAY: OptionRules<RelayOptions> = {
  ...SEAMS,
  nats: unchecked,
  shard: SHARD,
  topics: must(isNameList, "must be a list of topics, each a string that is not empty"),
  books: must(isBookTable, "must be an object that holds an order book under each name"),
  note: NOTE,
  leaseMs: number({ min: 100 }),
  markMs: number({ min: 10 }),
  imageMs: duration,
  keepMs: duration,
  maxBytes: count,
  maxBatchBytes: number({ min: 1_024, max: 8_388_608, whole: true }),
  stream: group(STREAM),
  onFault: callback,
};

const FROM: OptionRules<FromRelayOptions> = {
  ...SEAMS,
  nats: unchecked,
  shard: SHARD,
  after: unchecked,
  buffer: bufferIssues,
  signal: objectWith("throwIfAborted", "addEventListener", "removeEventListener"),
  onFault: callback,
};

/** The settings with their defaults. Throws a ConfigError that lists everything that is wrong. */
export function relaySettings(source: unknown, options: RelayOptions): OwnerSettings {
  const isConnection = typeof source === "object" && source !== null && "sink" in source;
  const issues = isConnection ? [] : [...objectWith("subscribe")(source ?? null, "source")];
  issues.push(...optionIssues<RelayOptions>(options ?? null, RELAY), ...engineIssues(options));
  // What has the wrong type was told already.
  if (issues.length === 0) issues.push(...topicIssues(options, !isConnection));
  const { leaseMs = 3_000, markMs = 1_000, imageMs = 10_000, keepMs = 150_000 } = options ?? {};
  const { maxBytes = 67_108_864, maxBatchBytes = 262_144 } = options ?? {};
  if (markMs * 3 > leaseMs)
    issues.push({ path: "markMs", message: `must be at most a third of leaseMs (${leaseMs})` });
  if (issues.length > 0) throw new ConfigError(issues);
  return { leaseMs, markMs, imageMs, keepMs, maxBytes, maxBatchBytes, silentMs: 5_000 };
}

/** Throws a ConfigError that lists everything that is wrong. */
export function checkFromRelay(options: FromRelayOptions): void {
  const issues = [...optionIssues<FromRelayOptions>(options ?? null, FROM)];
  const { after, shard } = Object(options) as FromRelayOptions;
  issues.push(...engineIssues(options), ...positionIssues(after, shard));
  if (issues.length > 0) throw new ConfigError(issues);
}

/** What is wrong with the way to the engine, which has to be given. */
export function engineIssues(options: Pick<RelayOptions, "nats" | "engine">): ConfigIssue[] {
  const { nats, engine } = Object(options) as typeof options;
  if (engine !== undefined) return [];
  return nats === undefined ? [{ path: "nats", message: "is required" }] : [...natsIssues(nats)];
}

function bufferIssues(buffer: unknown): readonly ConfigIssue[] {
  try {
    resolveConfig({ buffer: buffer as PartialConfig["buffer"] });
    return [];
  } catch (error) {
    if (isConfigError(error)) return error.issues;
    throw error;
  }
}

function isNameList(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "string" && each !== "");
}

function isBookTable(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((book) => typeof book === "object" && book !== null)
  );
}

function topicIssues(
  { topics = [], books = {} }: RelayOptions,
  isFeed: boolean,
): readonly ConfigIssue[] {
  const names = [...topics, ...Object.keys(books)];
  if (!isFeed)
    return names.length === 0
      ? []
      : [{ path: "topics", message: "go with a feed: a connection is relayed as it is" }];
  if (names.length === 0)
    return [{ path: "topics", message: "must name a topic, or books must have one" }];
  if (names.length > MAX_TOPICS)
    return [{ path: "topics", message: `must be at most ${MAX_TOPICS}, got ${names.length}` }];
  return new Set(names).size === names.length
    ? []
    : [{ path: "topics", message: "must not name a topic twice" }];
}
