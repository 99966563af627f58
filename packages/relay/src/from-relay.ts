import { nodeRuntime } from "oath-ws";
import { nodeSpawn } from "oath-ws/leaf";
import { natsOptionsOf } from "./engine/nats-options.js";
import { openReaderEngine } from "./engine/open-nats.js";
import { guarded } from "./guarded.js";
import { RelayConnection } from "./reader/relay-connection.js";
import { positionMismatch } from "./reader/position.js";
import { checkFromRelay } from "./relay-options.js";
import type { FromRelayOptions } from "./relay-options.js";

/**
 * Reads a venue's line that a relay holds. Resolves when it is known what the relay carries, which
 * may be long after the relay was started for the first time: cancel with `signal`.
 *
 * ```ts
 * const line = await fromRelay({ nats: "nats://127.0.0.1:4222", shard: "spot" });
 * for await (const { data } of line.subscribe("btcusdt@trade")) console.log(data);
 * ```
 *
 * @throws ConfigError that lists everything that is wrong with the options; WsError
 *   `RELAY_NOT_FOUND` where no relay of this name ever ran, `RELAY_UNREACHABLE`, `RELAY_AUTH`,
 *   `RELAY_NO_JETSTREAM`, `RELAY_STREAM_DIFFERS`, `RELAY_POSITION_DIFFERS` where `after` is of
 *   other topics; the signal's reason
 */
export async function fromRelay(options: FromRelayOptions): Promise<RelayConnection> {
  checkFromRelay(options);
  const { nats = "", shard, signal, after, buffer, onStep } = options;
  const { timer = nodeRuntime.timer, newId = nodeRuntime.newId, spawn = nodeSpawn } = options;
  signal?.throwIfAborted();
  const engine = options.engine ?? (await openReaderEngine(natsOptionsOf(nats), shard));
  const name = `relay:${shard}`;
  const onFault = guarded(options.onFault);
  const connection = new RelayConnection({
    engine,
    timer,
    spawn,
    id: newId(),
    name,
    shard,
    buffer,
    after,
    onFault,
    onStep: onStep && ((state, input) => onStep("follower", state, input)),
  });
  const cancel = (): void => void connection.control.shutdown();
  signal?.addEventListener("abort", cancel);
  if (signal?.aborted === true) cancel();
  await connection.known();
  signal?.removeEventListener("abort", cancel);
  signal?.throwIfAborted();
  const mismatch = after && positionMismatch(after, connection.topics);
  if (mismatch === undefined) return connection;
  await connection.control.shutdown();
  throw mismatch;
}
