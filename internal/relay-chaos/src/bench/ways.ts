import { DeliverPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { fromRelay, relay } from "@oath-ws/relay";
import { PushLine } from "./push-line.js";

/** One way from a publisher to readers. */
export interface Way extends AsyncDisposable {
  readonly name: string;
  /** Publishes what one turn brought. */
  readonly publish: (payloads: readonly Uint8Array[]) => void;
}

/** Told of each event that a reader was handed. */
type OnEvent = (reader: number, payload: Uint8Array) => void;

export async function coreNats(url: string, readers: number, onEvent: OnEvent): Promise<Way> {
  const publisher = await connect({ servers: url });
  const subscribers = await Promise.all(
    Array.from({ length: readers }, async (_, reader) => {
      const subscriber = await connect({ servers: url });
      subscriber.subscribe("bench.core", { callback: (_error, { data }) => onEvent(reader, data) });
      await subscriber.flush();
      return subscriber;
    }),
  );
  return {
    name: "core NATS",
    publish: (payloads) => {
      for (const payload of payloads) publisher.publish("bench.core", payload);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([publisher, ...subscribers].map((each) => each.close()));
    },
  };
}

/** A message of JetStream for each event, all in flight together, as is easily written. */
export async function naiveJetStream(url: string, readers: number, onEvent: OnEvent): Promise<Way> {
  const publisher = await connect({ servers: url });
  const manager = await jetstreamManager(publisher);
  await manager.streams.add({ name: "bench_naive", subjects: ["bench.naive"] });
  const js = jetstream(publisher);
  const parts = await Promise.all(
    Array.from({ length: readers }, async (_, reader) => {
      const connection = await connect({ servers: url });
      const options = { deliver_policy: DeliverPolicy.New };
      const consumer = await jetstream(connection).consumers.get("bench_naive", options);
      await consumer.consume({ callback: ({ data }) => onEvent(reader, data) });
      return connection;
    }),
  );
  return {
    name: "one JetStream message an event",
    publish: (payloads) => {
      for (const payload of payloads)
        void js.publish("bench.naive", payload).catch(() => undefined);
    },
    async [Symbol.asyncDispose]() {
      await manager.streams.delete("bench_naive");
      await Promise.all([publisher, ...parts].map((each) => each.close()));
    },
  };
}

export async function throughRelay(url: string, readers: number, onEvent: OnEvent): Promise<Way> {
  const line = new PushLine();
  const shard = `bench${readers}`;
  const buffer = { maxFrames: 200_000, maxBytes: 134_217_728 };
  const running = await relay(line.connection, { nats: url, shard });
  const lines = await Promise.all(
    Array.from({ length: readers }, async (_, reader) => {
      const connection = await fromRelay({ nats: url, shard, buffer });
      void (async () => {
        while (await connection.source.readable())
          for (
            let frame = connection.source.take();
            frame !== undefined;
            frame = connection.source.take()
          )
            onEvent(reader, frame.data);
      })();
      return connection;
    }),
  );
  return {
    name: "relay",
    publish: (payloads) => line.push(payloads),
    async [Symbol.asyncDispose]() {
      await Promise.all(lines.map(({ control }) => control.shutdown()));
      await running.shutdown();
    },
  };
}
