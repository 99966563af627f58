import { createHash } from "node:crypto";
import type { JetStreamClient, JetStreamManager, StreamConfig } from "@nats-io/jetstream";
import {
  DiscardPolicy,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";
import type { NatsConnection } from "@nats-io/transport-node";
import { NatsEngine } from "./nats-engine.js";
import { fromNatsError } from "./nats-errors.js";
import { connectOptions } from "./nats-options.js";
import type { NatsOptions } from "./nats-options.js";
import { relayError } from "./relay-error.js";

/** How a shard's stream is kept. */
export interface StreamSettings {
  /** How long messages stay, in milliseconds. Default one hour. */
  readonly maxAgeMs?: number | undefined;
  /** How many bytes the stream may have. Default 1 GiB. */
  readonly maxBytes?: number | undefined;
  /** Servers that hold a copy, 1 to 5. Default 1; use 3 in production. */
  readonly replicas?: number | undefined;
}

const MAX_AGE_MS = 3_600_000;
const MAX_BYTES = 1_073_741_824;

/** What all shards share: leases, and the budget of connection attempts. */
const BUCKET = "oath_relay";

/** What a shard's stream is made for; it is written into the description of the stream. */
const FORMAT = "oath-ws relay 1";

/** Opens the engine of one shard for its owner, or for one that stands by. */
export async function openOwnerEngine(
  nats: NatsOptions,
  shard: string,
  topics: readonly string[],
  settings: StreamSettings,
): Promise<NatsEngine> {
  return await openNats(nats, shard, async ({ js, manager }) => {
    const wanted = streamConfig(shard, topics, settings);
    const had = await streamOf(manager, shard);
    if (had !== undefined) checkStream(had, wanted);
    const { kv, isNew } = await openBucket(js, manager, wanted.num_replicas);
    if (had !== undefined) return kv;
    try {
      await addStream(manager, wanted);
    } catch (error) {
      // Nothing half-made is left behind.
      if (isNew) await manager.streams.delete(`KV_${BUCKET}`).catch(() => undefined);
      throw error;
    }
    return kv;
  });
}

/** Opens the engine of one shard for a reader; nothing is made. */
export async function openReaderEngine(nats: NatsOptions, shard: string): Promise<NatsEngine> {
  return await openNats(nats, shard, async ({ js, manager }) => {
    const had = await streamOf(manager, shard);
    if (had === undefined)
      throw relayError("RELAY_NOT_FOUND", `There is no relay "${shard}" on this NATS server.`);
    if (had.description?.startsWith(FORMAT) !== true) throw foreignStream(shard);
    return await new Kvm(js).open(BUCKET);
  });
}

/** Connects to the store that relays of one address share their attempts in. */
export async function openBucketOnly(
  nats: NatsOptions,
): Promise<{ readonly kv: KV; readonly connection: NatsConnection }> {
  const connection = await connected(nats);
  try {
    const manager = await jetstreamManager(connection);
    const { kv } = await openBucket(jetstream(connection), manager, 1);
    return { kv, connection };
  } catch (error) {
    await connection.close();
    throw fromNatsError(error);
  }
}

interface Clients {
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
}

async function openNats(
  nats: NatsOptions,
  shard: string,
  prepare: (clients: Clients) => Promise<KV>,
): Promise<NatsEngine> {
  const connection = await connected(nats);
  try {
    const manager = await jetstreamManager(connection);
    const js = jetstream(connection);
    const kv = await prepare({ js, manager });
    const stream = streamName(shard);
    const timeoutMs = nats.timeoutMs ?? 2_000;
    return new NatsEngine({
      connection,
      js,
      manager,
      kv,
      stream,
      subject: subjectOf(shard),
      timeoutMs,
    });
  } catch (error) {
    await connection.close();
    throw fromNatsError(error);
  }
}

async function connected(nats: NatsOptions): Promise<NatsConnection> {
  const options = await connectOptions(nats);
  try {
    return await connect(options);
  } catch (error) {
    const ours = fromNatsError(error);
    // A refusal without a code of its own, before anything was connected: there is no server.
    throw ours.code === "RELAY_FAILED" || ours.code === "RELAY_TIMEOUT"
      ? relayError(
          "RELAY_UNREACHABLE",
          "No NATS server answers here, or its certificate is not trusted; see the cause.",
          error,
        )
      : ours;
  }
}

async function streamOf(
  manager: JetStreamManager,
  shard: string,
): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(streamName(shard))).config;
  } catch (error) {
    const ours = fromNatsError(error);
    if (ours.code === "RELAY_NOT_FOUND") return undefined;
    throw ours;
  }
}

async function addStream(manager: JetStreamManager, config: StreamConfigOf): Promise<void> {
  try {
    await manager.streams.add(config);
  } catch (error) {
    const ours = fromNatsError(error);
    // Another relay of this name may have made it at the same moment.
    const had = await manager.streams.info(config.name).catch(() => undefined);
    if (had === undefined) throw ours;
    checkStream(had.config, config);
  }
}

async function openBucket(
  js: JetStreamClient,
  manager: JetStreamManager,
  replicas: number,
): Promise<{ readonly kv: KV; readonly isNew: boolean }> {
  const kvm = new Kvm(js);
  const had = await manager.streams.info(`KV_${BUCKET}`).catch((error: unknown) => {
    const ours = fromNatsError(error);
    if (ours.code === "RELAY_NOT_FOUND") return undefined;
    throw ours;
  });
  if (had !== undefined) {
    const kv = await kvm.open(BUCKET, { allow_direct: had.config.allow_direct });
    return { kv, isNew: false };
  }
  const kv = await kvm.create(BUCKET, { history: 1, replicas, storage: StorageType.File });
  return { kv, isNew: true };
}

type StreamConfigOf = Pick<
  StreamConfig,
  | "name"
  | "subjects"
  | "description"
  | "retention"
  | "storage"
  | "discard"
  | "max_age"
  | "max_bytes"
  | "num_replicas"
>;

function streamConfig(
  shard: string,
  topics: readonly string[],
  { maxAgeMs = MAX_AGE_MS, maxBytes = MAX_BYTES, replicas = 1 }: StreamSettings,
): StreamConfigOf {
  const digest = createHash("sha256").update(JSON.stringify(topics)).digest("hex");
  return {
    name: streamName(shard),
    subjects: [subjectOf(shard)],
    description: `${FORMAT} topics ${digest}`,
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_age: maxAgeMs * 1e6,
    max_bytes: maxBytes,
    num_replicas: replicas,
  };
}

function checkStream(had: StreamConfig, wanted: StreamConfigOf): void {
  const shard = shardOf(wanted.name);
  if (had.description?.startsWith(FORMAT) !== true) throw foreignStream(shard);
  if (had.description !== wanted.description)
    throw relayError(
      "RELAY_NAME_TAKEN",
      `The relay "${shard}" carries another set of topics: choose another name for this one.`,
    );
  const keys = ["retention", "storage", "discard", "max_age", "max_bytes", "num_replicas"] as const;
  const differing = keys.filter((key) => had[key] !== wanted[key]);
  if (had.subjects.join() !== wanted.subjects.join()) throw foreignStream(shard);
  if (differing.length > 0)
    throw relayError(
      "RELAY_STREAM_DIFFERS",
      `The stream of the relay "${shard}" has other settings: ${differing
        .map((key) => `${key} is ${String(had[key])}, wanted ${String(wanted[key])}`)
        .join("; ")}. Use the same ones, or remove the stream.`,
    );
}

function foreignStream(shard: string): Error {
  return relayError(
    "RELAY_STREAM_DIFFERS",
    `A stream named ${streamName(shard)} exists, and no relay made it: choose another name.`,
  );
}

function streamName(shard: string): string {
  return `OATH_${shard}`;
}

function shardOf(stream: string): string {
  return stream.slice("OATH_".length);
}

function subjectOf(shard: string): string {
  return `oath.relay.${shard}`;
}

/** What is wrong with a shard's name; `undefined` when it can be used. */
export function shardFault(shard: unknown): string | undefined {
  return typeof shard === "string" && /^[A-Za-z0-9_-]{1,64}$/.test(shard)
    ? undefined
    : "must be 1 to 64 letters, digits, _ or -";
}
