import type { ReceivedFrame, ReconnectingConnection, WsSource } from "oath-ws";
import { open } from "oath-ws";
import { openStack, stackFault } from "../open-stack.js";
import type { FrameSink, OpenReceiver, Receiver } from "../receiver.js";

/** The fast way to read. */
export const openTakeReceiver: OpenReceiver = async (url, sink) => {
  const connection = await openStack(url);
  return stackReceiver(connection, takeAll(connection.source, sink));
};

/** The fast way to read, and every frame's text decoded. */
export const openTakeTextReceiver: OpenReceiver = async (url, sink) => {
  const connection = await openStack(url);
  return stackReceiver(connection, takeAllText(connection.source, sink));
};

/** The simple way to read. */
export const openForAwaitReceiver: OpenReceiver = async (url, sink) => {
  const connection = await openStack(url);
  return stackReceiver(connection, iterate(connection.source, sink));
};

/** The fast way to read, over our own codec. */
export const openDirectTakeReceiver: OpenReceiver = async (url, sink) => {
  const connection = await openDirect(url);
  return stackReceiver(connection, takeAll(connection.source, sink));
};

/** The simple way to read, over our own codec. */
export const openDirectForAwaitReceiver: OpenReceiver = async (url, sink) => {
  const connection = await openDirect(url);
  return stackReceiver(connection, iterate(connection.source, sink));
};

/** As `openStack()`, over the other leaf. */
function openDirect(url: string): Promise<ReconnectingConnection> {
  return open(url, { leaf: "direct", config: { attempts: { max: 100_000 } } });
}

async function takeAll(source: WsSource<ReceivedFrame>, sink: FrameSink): Promise<void> {
  while (await source.readable()) {
    for (let frame = source.take(); frame !== undefined; frame = source.take()) sink.frame(frame.data);
  }
}

async function takeAllText(source: WsSource<ReceivedFrame>, sink: FrameSink): Promise<void> {
  while (await source.readable()) {
    for (let frame = source.take(); frame !== undefined; frame = source.take()) sink.frame(frame.text());
  }
}

async function iterate(source: WsSource<ReceivedFrame>, sink: FrameSink): Promise<void> {
  for await (const frame of source) sink.frame(frame.data);
}

function stackReceiver(connection: ReconnectingConnection, reading: Promise<void>): Receiver {
  return {
    fault: () => stackFault(connection),
    close: async () => {
      await connection.control.shutdown({ timeoutMs: 1_000 });
      await reading;
    },
  };
}
