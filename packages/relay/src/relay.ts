import type { ReconnectingConnection } from "@oath-ws/contract";
import type { LastValue } from "@oath-ws/resilience";
import { elapsedTimer } from "@oath-ws/venue-kit";
import { nodeRuntime } from "oath-ws";
import type { RelayEngine } from "./engine/engine.js";
import { natsOptionsOf } from "./engine/nats-options.js";
import { openOwnerEngine } from "./engine/open-nats.js";
import { Owner } from "./owner/owner.js";
import type { RelaySnapshot } from "./owner/owner.js";
import { guarded } from "./guarded.js";
import { relaySettings } from "./relay-options.js";
import type { RelayOptions } from "./relay-options.js";
import { connectionSource } from "./source/connection-source.js";
import { feedSource } from "./source/feed-source.js";
import type { RelayFeed } from "./source/feed-source.js";
import type { RelaySource } from "./source/relay-source.js";

/** A relay under way: the owner of its shard, or one that stands by. */
export interface Relay extends AsyncDisposable {
  /** Where it stands: to look at, to wait for, and to iterate over. */
  readonly state: Pick<
    LastValue<RelaySnapshot>,
    "snapshot" | "changed" | typeof Symbol.asyncIterator
  >;
  /**
   * Appends what waits, gives the shard up so that another relay takes over at once, and closes the
   * connection to the engine. The feed or connection stays open: it belongs to the caller. Bounded;
   * idempotent.
   */
  shutdown(): Promise<void>;
}

/**
 * Relays a venue's line to any number of machines: a feed with its topics, or the frames of a
 * connection. Several relays of one shard, each over a line of its own, are hot standbys of each
 * other.
 *
 * ```ts
 * const market = new BinanceMarket({ runtime: nodeRuntime });
 * const running = await relay(market, { nats, shard: "spot", topics: ["btcusdt@trade"] });
 * ```
 *
 * @throws ConfigError that lists everything that is wrong with the options; WsError
 *   `RELAY_UNREACHABLE`, `RELAY_AUTH`, `RELAY_NO_JETSTREAM`, `RELAY_STREAM_DIFFERS`,
 *   `RELAY_NAME_TAKEN` or `RELAY_FULL`, and then nothing is left behind
 */
export async function relay(
  source: RelayFeed | ReconnectingConnection,
  options: RelayOptions,
): Promise<Relay> {
  const settings = relaySettings(source, options);
  const { timer = nodeRuntime.timer, newId = nodeRuntime.newId, shard, note = "" } = options;
  const onFault = guarded(options.onFault);
  const sourceOptions = { timer, markMs: settings.markMs, note, onFault };
  const { topics = [], books = {} } = options;
  const reading: RelaySource =
    "sink" in source
      ? connectionSource(source, sourceOptions)
      : feedSource(source, { topics, books }, sourceOptions);
  const engine = await engineOf(options, reading.topics);
  let owner: Owner;
  try {
    const elapsed = elapsedTimer(timer);
    const { onStep } = options;
    owner = new Owner({
      engine,
      timer: elapsed,
      shard,
      line: newId(),
      settings,
      source: reading,
      onStep: onStep && ((state, input) => onStep("owner", state, input)),
    });
    reading.start((item) => owner.push(item));
  } catch (error) {
    reading.stop();
    await engine.close();
    throw error;
  }
  let ended: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    reading.stop();
    await owner.stop();
    await engine.close();
  };
  const shutdown = (): Promise<void> => (ended ??= end());
  return { state: owner.watch, shutdown, [Symbol.asyncDispose]: shutdown };
}

async function engineOf(options: RelayOptions, topics: readonly string[]): Promise<RelayEngine> {
  const { engine, nats = "", shard, stream = {} } = options;
  return engine ?? (await openOwnerEngine(natsOptionsOf(nats), shard, topics, stream));
}
