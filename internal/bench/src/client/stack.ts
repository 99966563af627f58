import type { FrameSource } from "oath-ws";
import { open } from "oath-ws";
import type { Client, ReadingWay } from "../model.js";
import type { Connect, Sink } from "./connection.js";

type Stack = Extract<Client, { readonly kind: "stack" }>;

/**
 * The whole stack as `open()` makes it, with its defaults. One setting differs: a benchmark
 * connects more often than the attempt gate lets a well-behaved client.
 */
export async function connectStack({ transport, reads, telemetry }: Stack): Promise<Connect> {
  if (telemetry === true) (await import("./telemetry.js")).startTelemetry();
  return async (url, sink, { deflate = false, resets = false }) => {
    const connection = await open(url, {
      transport,
      ...(deflate ? { socket: { perMessageDeflate: true } } : {}),
      config: {
        attempts: { max: 100_000 },
        ...(resets ? { backoff: { firstMs: 0, stableAfterMs: 0 } } : {}),
      },
    });
    const { source, sink: sender, lifecycle, control } = connection;
    const shutdown = (): Promise<void> => control.shutdown({ timeoutMs: 1_000 });
    const reading = READERS[reads](source, sink);
    return {
      // The fate of what is sent shows in what comes back.
      send: (text) => void sender.send(text).catch(() => undefined),
      async sendAll(text, count) {
        const sends = new Array<Promise<void>>(count);
        for (let i = 0; i < count; i++) sends[i] = sender.send(text);
        await Promise.all(sends);
      },
      fault: () => {
        const { totalLagged, epoch, phase } = lifecycle.snapshot;
        if (totalLagged > 0) return `the receive buffer dropped ${totalLagged} frames`;
        return epoch === 1 && phase === "connected"
          ? undefined
          : `the connection did not last (${phase}, epoch ${epoch})`;
      },
      close: async () => {
        await shutdown();
        await reading;
      },
    };
  };
}

type Reader = (source: FrameSource, sink: Sink) => Promise<void>;

/** The ways to read. */
const READERS: Readonly<Record<ReadingWay, Reader>> = {
  take: async (source, sink) => {
    while (await source.readable()) {
      for (let frame = source.take(); frame !== undefined; frame = source.take()) sink(frame.data);
    }
  },
  text: async (source, sink) => {
    while (await source.readable()) {
      for (let frame = source.take(); frame !== undefined; frame = source.take())
        sink(frame.text());
    }
  },
  forAwait: async (source, sink) => {
    for await (const frame of source) sink(frame.data);
  },
  batches: async (source, sink) => {
    for await (const frames of source.batches()) for (const frame of frames) sink(frame.data);
  },
  borrowed: async (source, sink) => {
    while (await source.readable()) {
      for (let frame = source.borrow(); frame !== undefined; frame = source.borrow())
        sink(frame.data);
    }
  },
};
