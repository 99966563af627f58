import type { ReceivedFrame, ReconnectingConnection, WsSource } from "oath-ws";
import { openStack, stackFault } from "../open-stack.js";
import type { Leaf } from "../open-stack.js";
import type { FrameSink, OpenReceiver, Receiver } from "../receiver.js";

type Read = (source: WsSource<ReceivedFrame>, sink: FrameSink) => Promise<void>;

/** Over a leaf, and read in one of the ways below. */
function stackReceiver(leaf: Leaf, read: Read): OpenReceiver {
  return async (url, sink) => {
    const connection = await openStack(url, leaf);
    return receiverOf(connection, read(connection.source, sink));
  };
}

/** The fast way to read. */
export const openTakeReceiver: OpenReceiver = stackReceiver("ws", takeAll);
export const openDirectTakeReceiver: OpenReceiver = stackReceiver("direct", takeAll);

/** The fast way to read, and every frame's text decoded. */
export const openTakeTextReceiver: OpenReceiver = stackReceiver("ws", takeAllText);
export const openDirectTakeTextReceiver: OpenReceiver = stackReceiver("direct", takeAllText);

/** What the stack itself costs: nobody asks for the payload. */
export const openDirectTakeUnreadReceiver: OpenReceiver = stackReceiver("direct", takeAllUnread);

/** The simple way to read. */
export const openForAwaitReceiver: OpenReceiver = stackReceiver("ws", iterate);
export const openDirectForAwaitReceiver: OpenReceiver = stackReceiver("direct", iterate);

async function takeAll(source: WsSource<ReceivedFrame>, sink: FrameSink): Promise<void> {
  while (await source.readable()) {
    for (let frame = source.take(); frame !== undefined; frame = source.take())
      sink.frame(frame.data);
  }
}

async function takeAllUnread(source: WsSource<ReceivedFrame>, sink: FrameSink): Promise<void> {
  while (await source.readable()) {
    while (source.take() !== undefined) sink.unread();
  }
}

async function takeAllText(source: WsSource<ReceivedFrame>, sink: FrameSink): Promise<void> {
  while (await source.readable()) {
    for (let frame = source.take(); frame !== undefined; frame = source.take())
      sink.frame(frame.text());
  }
}

async function iterate(source: WsSource<ReceivedFrame>, sink: FrameSink): Promise<void> {
  for await (const frame of source) sink.frame(frame.data);
}

function receiverOf(connection: ReconnectingConnection, reading: Promise<void>): Receiver {
  return {
    fault: () => stackFault(connection),
    close: async () => {
      await connection.control.shutdown({ timeoutMs: 1_000 });
      await reading;
    },
  };
}
