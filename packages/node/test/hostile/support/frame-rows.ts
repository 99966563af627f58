import { constants, deflateRawSync } from "node:zlib";
import { closePayload, frame, OP, switchingProtocols } from "../../support/frames.js";
import type { Plain } from "../../support/connections.js";
import { drip, MAX_MESSAGE_BYTES } from "./hostile-row.js";
import type { Fault, HostileRow, Outcome } from "./hostile-row.js";

/** Goes before the bad bytes, and must come through. */
const BEFORE = frame(OP.text, "before");
const BEFORE_PLAIN: Plain = ["text", "before"];

function broken(code: string, answer: number, close?: Fault["close"]): Outcome {
  const fault: Fault = { kind: "server", code, ...(close === undefined ? {} : { close }) };
  return { at: "frames", frames: [BEFORE_PLAIN], fault, answer };
}

const PROTOCOL = broken("PROTOCOL_ERROR", 1002);
const NOT_UTF8 = broken("INVALID_UTF8", 1007);
const TOO_BIG = broken("MESSAGE_TOO_BIG", 1009);
const INFLATE = broken("PROTOCOL_ERROR", 1007);

/** Upgrades, says something sound, and then this. */
function says(...bytes: readonly (Uint8Array | readonly number[])[]): HostileRow["serve"] {
  return async (peer) => {
    await peer.upgrade();
    peer.socket.write(Buffer.concat([BEFORE, ...bytes.map((part) => Buffer.from(part))]));
  };
}

function sound(...frames: readonly Plain[]): Outcome {
  return { at: "never", frames: [BEFORE_PLAIN, ...frames] };
}

const fragment = (opcode: number, payload: string | Uint8Array = ""): Buffer =>
  frame(opcode, payload, { fin: false });
const END = frame(OP.continuation, "z");
const rsv = (bits: number): Buffer => frame(OP.text, "x", { rsv: bits });

/** Headers that RFC 6455 section 5.2 forbids. */
const HEADERS: readonly HostileRow[] = [
  { name: "a masked frame", serve: says(frame(OP.text, "x", { masked: true })), outcome: PROTOCOL },
  {
    name: "a masked control frame",
    serve: says(frame(OP.ping, "x", { masked: true })),
    outcome: PROTOCOL,
  },
  { name: "RSV1 without permessage-deflate", serve: says(rsv(4)), outcome: PROTOCOL },
  { name: "RSV2", serve: says(rsv(2)), outcome: PROTOCOL },
  { name: "RSV3", serve: says(rsv(1)), outcome: PROTOCOL },
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => ({
    name: `opcode ${opcode}`,
    serve: says(frame(opcode)),
    outcome: PROTOCOL,
  })),
  { name: "a fragmented ping", serve: says(fragment(OP.ping)), outcome: PROTOCOL },
  { name: "a fragmented pong", serve: says(fragment(OP.pong)), outcome: PROTOCOL },
  { name: "a fragmented close", serve: says(fragment(OP.close)), outcome: PROTOCOL },
  {
    name: "a ping of 126 bytes",
    serve: says(frame(OP.ping, Buffer.alloc(126))),
    outcome: PROTOCOL,
  },
  {
    name: "a pong of 70 000 bytes",
    serve: says(frame(OP.pong, Buffer.alloc(70_000))),
    outcome: PROTOCOL,
  },
  {
    name: "a close of 126 bytes",
    serve: says(frame(OP.close, Buffer.alloc(126))),
    outcome: PROTOCOL,
  },
  // The fault is seen when two bytes are there; the length never comes.
  { name: "the first two bytes of a long ping", serve: says([0x89, 126]), outcome: PROTOCOL },
  {
    name: "a continuation of nothing",
    serve: says(frame(OP.continuation, "x")),
    outcome: PROTOCOL,
  },
  {
    name: "a new message inside a fragmented one",
    serve: says(fragment(OP.text, "x"), frame(OP.text, "y")),
    outcome: PROTOCOL,
  },
  {
    name: "a new fragmented message inside a fragmented one",
    serve: says(fragment(OP.text, "x"), fragment(OP.binary, "y")),
    outcome: PROTOCOL,
  },
  {
    name: "a continuation after the last fragment",
    serve: says(fragment(OP.text, "x"), frame(OP.continuation, "y"), frame(OP.continuation, "z")),
    outcome: { ...PROTOCOL, frames: [BEFORE_PLAIN, ["text", "xy"]] } as Outcome,
  },
];

/** Lengths: no row sends the payload that it announces, so it cannot have been waited for. */
const LENGTHS: readonly HostileRow[] = [
  // The specification wants 1002 for the top bit; both leaves see a length above every limit first.
  {
    name: "a 64-bit length with the top bit set",
    serve: says([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 1]),
    outcome: TOO_BIG,
  },
  {
    name: "a length of 2^64 - 1",
    serve: says([0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255]),
    outcome: TOO_BIG,
  },
  {
    name: "a length of 2^53",
    serve: says([0x82, 127, 0, 0x20, 0, 0, 0, 0, 0, 0]),
    outcome: TOO_BIG,
  },
  {
    name: "a length of 2^53 - 1",
    serve: says([0x82, 127, 0, 0x1f, 255, 255, 255, 255, 255, 255]),
    outcome: TOO_BIG,
  },
  { name: "a length of 2^32", serve: says([0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0]), outcome: TOO_BIG },
  {
    name: "a message of one byte too many",
    serve: says([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 1]),
    outcome: TOO_BIG,
  },
  {
    name: "fragments of one byte too many",
    serve: says(fragment(OP.binary, Buffer.alloc(MAX_MESSAGE_BYTES)), [0x80, 1]),
    outcome: TOO_BIG,
  },
  {
    // RFC 6455 section 5.2: "the minimal number of bytes MUST be used". npm `ws` takes any; the
    // direct transport does not (ADR-0037).
    name: "a length of 1 in 16 bits",
    serve: says([0x81, 126, 0, 1, 0x61]),
    outcome: { ws: sound(["text", "a"]), direct: PROTOCOL },
  },
  {
    name: "a length of 125 in 16 bits",
    serve: says([0x82, 126, 0, 125], Buffer.alloc(125, "y")),
    outcome: { ws: sound(["binary", "y".repeat(125)]), direct: PROTOCOL },
  },
  {
    name: "a length of 1 in 64 bits",
    serve: says([0x81, 127, 0, 0, 0, 0, 0, 0, 0, 1, 0x61]),
    outcome: { ws: sound(["text", "a"]), direct: PROTOCOL },
  },
  {
    name: "a length of 65 535 in 64 bits",
    serve: says([0x82, 127, 0, 0, 0, 0, 0, 0, 255, 255], Buffer.alloc(65_535, "y")),
    outcome: { ws: sound(["binary", "y".repeat(65_535)]), direct: PROTOCOL },
  },
  {
    name: "the shortest forms at their bounds",
    serve: says(
      frame(OP.binary, Buffer.alloc(126, "y")),
      frame(OP.binary, Buffer.alloc(65_536, "z")),
    ),
    outcome: sound(["binary", "y".repeat(126)], ["binary", "z".repeat(65_536)]),
  },
];

/** Fragments that carry nothing. */
const EMPTIES: readonly HostileRow[] = [
  {
    name: "a message with some empty fragments",
    serve: says(fragment(OP.text, "a"), ...Array(1000).fill(fragment(OP.continuation)), END),
    outcome: sound(["text", "az"]),
  },
  {
    name: "a message whose empty fragments never end",
    serve: says(fragment(OP.text, "a"), Buffer.alloc(2_100_000, fragment(OP.continuation))),
    outcome: broken("PROTOCOL_ERROR", 1008),
  },
];

/** Close frames that RFC 6455 sections 5.5.1 and 7.4 forbid. */
const CLOSES: readonly HostileRow[] = [
  ...[0, 999, 1004, 1016, 2999, 5000, 65_535].map((code) => ({
    name: `close code ${code}`,
    serve: says(frame(OP.close, closePayload(code, "why"))),
    outcome: broken("PROTOCOL_ERROR", 1002, { code, reason: "why" }),
  })),
  // They stand for what did not come, and are told as if nothing could be read.
  ...[1005, 1006, 1015].map((code) => ({
    name: `close code ${code}`,
    serve: says(frame(OP.close, closePayload(code))),
    outcome: PROTOCOL,
  })),
  {
    name: "a close reason of more bytes than fit",
    serve: says(frame(OP.close, closePayload(4003, "r".repeat(200)))),
    outcome: broken("PROTOCOL_ERROR", 1002, { code: 4003, reason: "" }),
  },
  { name: "a close payload of one byte", serve: says(frame(OP.close, "x")), outcome: PROTOCOL },
  {
    name: "a close reason that is not UTF-8",
    serve: says(frame(OP.close, Buffer.from([...closePayload(4003), 0xc3, 0x28]))),
    outcome: broken("INVALID_UTF8", 1007, { code: 4003, reason: "\ufffd(" }),
  },
  {
    name: "a close reason cut off inside a character",
    serve: says(frame(OP.close, Buffer.from([...closePayload(1000, "a"), 0xe2, 0x82]))),
    outcome: broken("INVALID_UTF8", 1007, { code: 1000, reason: "a\ufffd" }),
  },
];

/** Text that is not UTF-8 (RFC 6455 section 8.1), however it is cut. */
const TEXTS: readonly HostileRow[] = [
  {
    name: "text with a broken sequence",
    serve: says(frame(OP.text, Buffer.from([0x61, 0xc3, 0x28]))),
    outcome: NOT_UTF8,
  },
  {
    name: "text with an overlong form",
    serve: says(frame(OP.text, Buffer.from([0xc0, 0xaf]))),
    outcome: NOT_UTF8,
  },
  {
    name: "text with a surrogate",
    serve: says(frame(OP.text, Buffer.from([0xed, 0xa0, 0x80]))),
    outcome: NOT_UTF8,
  },
  {
    name: "text above U+10FFFF",
    serve: says(frame(OP.text, Buffer.from([0xf4, 0x90, 0x80, 0x80]))),
    outcome: NOT_UTF8,
  },
  {
    name: "text cut off inside a character",
    serve: says(frame(OP.text, Buffer.from([0xe2, 0x82]))),
    outcome: NOT_UTF8,
  },
  {
    name: "long text with one bad byte at its end",
    serve: says(frame(OP.text, Buffer.concat([Buffer.alloc(5000, "a"), Buffer.from([0xff])]))),
    outcome: NOT_UTF8,
  },
  {
    name: "fragments that together are not UTF-8",
    serve: says(
      fragment(OP.text, Buffer.from([0xe2, 0x82])),
      frame(OP.continuation, Buffer.from([0x28])),
    ),
    outcome: NOT_UTF8,
  },
  {
    name: "fragments that only together are UTF-8",
    serve: says(
      fragment(OP.text, Buffer.from([0xe2, 0x82])),
      frame(OP.ping, "p"),
      frame(OP.continuation, Buffer.from([0xac])),
    ),
    outcome: sound(["ping", "p"], ["text", Buffer.from("€").toString("latin1")]),
  },
  {
    name: "binary that is not UTF-8",
    serve: says(frame(OP.binary, Buffer.from([0xff]))),
    outcome: sound(["binary", "\u00ff"]),
  },
];

const AGREED = [
  "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; " +
    "client_no_context_takeover",
];

/** The same with permessage-deflate agreed on. */
function compresses(...bytes: readonly Uint8Array[]): Pick<HostileRow, "serve" | "socket"> {
  return {
    socket: { perMessageDeflate: true },
    serve: async (peer) => {
      await peer.upgrade(Buffer.concat([BEFORE, ...bytes]), AGREED);
    },
  };
}

const compressed = (data: Uint8Array, opcode: number = OP.text): Buffer =>
  frame(opcode, data, { rsv: 4 });

function deflated(data: string | Uint8Array): Buffer {
  return deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

/** permessage-deflate (RFC 7692). */
const DEFLATES: readonly HostileRow[] = [
  {
    name: "a compressed message",
    ...compresses(compressed(deflated("hello"))),
    outcome: sound(["text", "hello"]),
  },
  // RFC 7692 section 7.2.3.4: a last block that says so.
  {
    name: "a deflate stream that ends itself",
    ...compresses(compressed(deflateRawSync("hello"))),
    outcome: sound(["text", "hello"]),
  },
  {
    name: "a deflate block of a type that does not exist",
    ...compresses(compressed(Buffer.from([0x07, 1, 2, 3]))),
    outcome: INFLATE,
  },
  {
    name: "a stored block with a wrong length",
    ...compresses(compressed(Buffer.from([0x00, 5, 0, 5, 0, 1]))),
    outcome: INFLATE,
  },
  {
    name: "a distance that goes back before the message",
    // A fixed block whose first symbol is a copy from 1 byte ago.
    ...compresses(compressed(Buffer.from([0x02, 0x02, 0x00, 0x00]))),
    outcome: INFLATE,
  },
  {
    name: "compressed text that is not UTF-8",
    ...compresses(compressed(deflated(Buffer.from([0xff])))),
    outcome: NOT_UTF8,
  },
  {
    name: "a compressed message of one byte too many",
    ...compresses(compressed(deflated(Buffer.alloc(MAX_MESSAGE_BYTES + 1)), OP.binary)),
    outcome: TOO_BIG,
  },
  {
    name: "a compressed message of just the limit",
    ...compresses(compressed(deflated(Buffer.alloc(MAX_MESSAGE_BYTES, "z")), OP.binary)),
    outcome: sound(["binary", "z".repeat(MAX_MESSAGE_BYTES)]),
  },
  {
    // zlib would take the bytes that RFC 7692 section 7.2.2 has us append for the rest of the
    // block.
    name: "a deflate stream that stops in the middle",
    ...compresses(compressed(deflated("hello, hello").subarray(0, 4))),
    outcome: INFLATE,
  },
  {
    name: "two deflate streams in one message",
    ...compresses(compressed(Buffer.concat([deflateRawSync("first,"), deflated("second")]))),
    outcome: sound(["text", "first,second"]),
  },
  {
    name: "a compressed message in fragments, empty ones and a ping among them",
    ...compresses(
      frame(OP.text, deflated("hello").subarray(0, 3), { rsv: 4, fin: false }),
      frame(OP.continuation, "", { fin: false }),
      frame(OP.ping, "p"),
      frame(OP.continuation, deflated("hello").subarray(3), { fin: false }),
      frame(OP.continuation),
      compressed(deflated("next")),
    ),
    outcome: sound(["ping", "p"], ["text", "hello"], ["text", "next"]),
  },
  { name: "a compressed ping", ...compresses(frame(OP.ping, "x", { rsv: 4 })), outcome: PROTOCOL },
  {
    name: "RSV1 on a continuation",
    ...compresses(
      frame(OP.text, deflated("hello").subarray(0, 3), { rsv: 4, fin: false }),
      frame(OP.continuation, "x", { rsv: 4 }),
    ),
    outcome: PROTOCOL,
  },
];

/** What comes with, or right after, the 101 must not be lost; and how connections end. */
const EDGES: readonly HostileRow[] = [
  {
    name: "frames in one segment with the 101",
    serve: async (peer) => {
      await peer.upgrade(Buffer.concat([BEFORE, frame(OP.binary, "b")]));
    },
    outcome: sound(["binary", "b"]),
  },
  {
    name: "half a frame in one segment with the 101",
    serve: async (peer) => {
      await peer.upgrade(BEFORE.subarray(0, 4));
      await drip(peer, [BEFORE.subarray(4), frame(OP.binary, "b")]);
    },
    outcome: sound(["binary", "b"]),
  },
  {
    name: "one byte of a frame with the 101, and the others one by one",
    serve: async (peer) => {
      await peer.upgrade(BEFORE.subarray(0, 1));
      await drip(
        peer,
        [...BEFORE.subarray(1)].map((byte) => Buffer.from([byte])),
      );
    },
    outcome: sound(),
  },
  {
    name: "the end of the 101 in one segment with frames",
    serve: async (peer) => {
      const head = switchingProtocols(await peer.request());
      await drip(peer, [head.slice(0, -3), Buffer.concat([Buffer.from(head.slice(-3)), BEFORE])]);
    },
    outcome: sound(),
  },
  {
    name: "a violation in one segment with the 101",
    serve: async (peer) => {
      await peer.upgrade(Buffer.concat([BEFORE, rsv(2)]));
    },
    outcome: PROTOCOL,
  },
  {
    name: "FIN without a close frame",
    serve: async (peer) => {
      await peer.upgrade(BEFORE);
      peer.socket.end();
    },
    outcome: {
      at: "frames",
      frames: [BEFORE_PLAIN],
      fault: { kind: "connection", code: "SOCKET_LOST" },
    },
  },
  {
    name: "FIN in the middle of a frame",
    serve: async (peer) => {
      await peer.upgrade(BEFORE);
      peer.socket.end(frame(OP.binary, Buffer.alloc(1000)).subarray(0, 500));
    },
    outcome: {
      at: "frames",
      frames: [BEFORE_PLAIN],
      fault: { kind: "connection", code: "SOCKET_LOST" },
    },
  },
  {
    name: "FIN in the middle of a header",
    serve: async (peer) => {
      await peer.upgrade(BEFORE);
      peer.socket.end(Buffer.from([0x82, 126, 0]));
    },
    outcome: {
      at: "frames",
      frames: [BEFORE_PLAIN],
      fault: { kind: "connection", code: "SOCKET_LOST" },
    },
  },
];

export const FRAME_ROWS: readonly HostileRow[] = [
  ...HEADERS,
  ...LENGTHS,
  ...EMPTIES,
  ...CLOSES,
  ...TEXTS,
  ...DEFLATES,
  ...EDGES,
];
