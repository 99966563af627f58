import type { Part } from "../plan.js";

/** What each part measures, and what was done to be fair. */
export const PROSE: Readonly<Record<Part, { readonly heading: string; readonly text: string }>> = {
  receive: {
    heading: "Receiving",
    text:
      "One connection that lasts for all repeats, flooded with equal text frames by another process that parses nothing and encodes nothing meanwhile: it writes blocks of 512 KiB " +
      "over `node:net`. Time goes from the first frame to the last in the consumer's hands. The stack runs with its defaults: liveness, receive buffer, epoch and " +
      "`seq` stamps, lifecycle; a repeat in which the receive buffer dropped a frame would not count. Every process has collected its garbage once before: only then does V8 limit memory outside the heap. `loop busy` well below 100 % means that the sender, not the row, was the limit. " +
      "The others are driven as their users would, each over `ws` where it takes a WebSocket to use, without compression. They hand out strings where `ws` hands out " +
      "bytes, so the rows `to string` and `text()` are the ones to compare them with in work done. `unread` takes frames and never asks for their payload. `queued` is a listener that puts messages into an array which an async loop empties: the least that " +
      "any reader who pulls can cost over `ws`. " +
      "graphql-ws, @binance/common and tardis-dev speak a protocol of their own above frames: the latter two are in the events part, the first is not measured.",
  },
  send: {
    heading: "Sending",
    text:
      "Batches of text frames, each batch awaited before the next. Time goes from the first call to the arrival of the last frame in the other process, which counts " +
      "them. `ws.send` with a callback shared by the batch is the cheapest way to learn that frames have left; ours gives every frame a promise of its own, as " +
      "the second row does by hand. The other clients give no notice of a frame's fate, so there is nothing to wait for and they are not here.",
  },
  latency: {
    heading: "Latency",
    text:
      "Each frame bears the time at which it was written, from the clock that both processes share, and is sent at an even pace. `pacer late p99` says how late the sender " +
      "itself was: where that is not small, frames went out in bunches. The first tenth of every repeat does not count. `loop busy` is the event loop's utilisation.",
  },
  reconnect: {
    heading: "Reconnecting",
    text:
      "The other process resets the connection (TCP RST) and greets the next one with a frame. A bare dial starts with the call, with nothing to notice and nothing to wait for; " +
      "the second row dials again in the handler of `close`, as one would by hand.",
  },
  memory: {
    heading: "Memory of idle connections",
    text:
      "Open connections on which nothing is sent, each with somebody listening, after garbage collection, less what the process held before; 50 connections " +
      "were opened and closed beforehand. Every repeat has a process of its own. The resident set is shown, not judged: the allocator rounds it.",
  },
  connections: {
    heading: "Many connections",
    text: "One process with as many connections; the frames come on them in turn. Cost is processor time per frame, beside the same row with one connection.",
  },
  allocation: {
    heading: "Allocation",
    text:
      "Three floods, each looked at in one way. Bytes: what heap and buffers grew by while nothing was collected (the process has a young generation large enough, and a repeat with a collection does not " +
      "count). Objects: V8's sampling heap profiler with an interval of one byte, so every allocation is a sample, and with allocation folding off; a function that allocates for at least every other " +
      "frame is a `site of every frame`, the rest belongs to socket reads or is rarer still. Calls: timers, promises and ticks through `async_hooks`, reads as calls of libuv into the socket, " +
      "clocks by standing in for them. A `take()` whose payload nobody reads shows what the stack itself allocates; the byte array is made when the consumer asks for it.",
  },
  events: {
    heading: "Events through an adapter",
    text:
      "A venue that confirms the subscription and floods what was encoded before: Binance's combined stream, trades of about 167 B and order book changes of about 762 B. Every row parses " +
      "JSON and hands the event to its consumer, which checks that ids are consecutive. tardis-dev is read raw, without its normalisation.",
  },
};
