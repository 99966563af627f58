import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { closePayload, frame, OP } from "../support/frames.js";
import { bytewise, decode, decoder, pushLent } from "./support/decoding.js";

const NOT_UTF8 = Buffer.from([0xff]);

/** A header that announces a length in a form of the caller's choice. */
function announce(opcode: number, form: 16 | 64, length: number | bigint): Buffer {
  const head = Buffer.alloc(form === 16 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = form === 16 ? 126 : 127;
  if (form === 16) head.writeUInt16BE(Number(length), 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

describe("frames", () => {
  it.each([
    0, 1, 7, 8, 9, 63, 64, 65, 125, 126, 127, 4095, 4096, 4097, 65_535, 65_536, 70_000, 200_000,
  ])("of %d bytes come out whole, in one piece and in many", (length) => {
    const text = "abcdefgh".repeat(length / 8 + 1).slice(0, length);
    const bytes = Buffer.concat([
      frame(OP.text, text),
      frame(OP.binary, text),
      frame(OP.text, "next"),
    ]);
    const expected = [
      ["text", text],
      ["binary", text],
      ["text", "next"],
    ];
    expect(decode([bytes])).toEqual(expected);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 999) }, (_, i) =>
      bytes.subarray(i * 999, i * 999 + 999),
    );
    expect(decode(pieces)).toEqual(expected);
    if (length < 10_000) expect(decode(bytewise(bytes))).toEqual(expected);
  });

  it("of every kind come in order, control frames between fragments too", () => {
    const bytes = Buffer.concat([
      frame(OP.ping, "1"),
      frame(OP.text, "a", { fin: false }),
      frame(OP.pong, "2"),
      frame(OP.continuation, "", { fin: false }),
      frame(OP.ping),
      frame(OP.continuation, "b"),
      frame(OP.binary, "", { fin: false }),
      frame(OP.continuation),
      frame(OP.close, closePayload(1001, "bye")),
    ]);
    const expected = [
      ["ping", "1"],
      ["pong", "2"],
      ["ping", ""],
      ["text", "ab"],
      ["binary", ""],
      ["close", 1001, "bye"],
    ];
    expect(decode([bytes])).toEqual(expected);
    expect(decode(bytewise(bytes))).toEqual(expected);
  });

  it("end with a close frame: nothing behind it counts", () => {
    expect(decode([frame(OP.close), frame(OP.text, "late"), frame(3)])).toEqual([
      ["close", 1005, ""],
    ]);
    expect(decode([Buffer.concat([frame(OP.close), frame(3)])])).toEqual([["close", 1005, ""]]);
  });

  it.each([1000, 1003, 1007, 1014, 3000, 4999])("close with %d", (code) => {
    expect(decode([frame(OP.close, closePayload(code, "é"))])).toEqual([["close", code, "Ã©"]]);
  });

  it("stop when the receiver wants no more, even within a read", () => {
    const { decoder: decoding, notes } = decoder();
    const { receivedPing } = notes;
    notes.receivedPing = (data) => {
      receivedPing.call(notes, data);
      decoding.end();
    };
    const bytes = Buffer.concat([frame(OP.text, "a"), frame(OP.ping), frame(OP.text, "b")]);
    expect(decoding.push(bytes)).toBeUndefined();
    expect(decoding.push(frame(3))).toBeUndefined();
    expect(notes.got.map(([kind]) => kind)).toEqual(["text", "ping"]);
  });
});

describe("the rest of a large payload", () => {
  const KIB = 1024;

  it("has room in its own memory, and what is filled is not copied", () => {
    const { decoder: decoding, notes } = decoder();
    const message = Buffer.alloc(200 * KIB, "abc");
    const bytes = frame(OP.binary, message);
    pushLent(decoding, bytes.subarray(0, 10 + 40 * KIB));
    expect(decoding.room?.length).toBe(160 * KIB);
    const memory = decoding.room?.buffer;
    decoding.room?.set(bytes.subarray(10 + 40 * KIB, 10 + 140 * KIB));
    decoding.filled(100 * KIB);
    // What is missing now comes with the next messages, in one read of shared memory.
    expect(decoding.room).toBeUndefined();
    expect(notes.got).toEqual([]);
    pushLent(decoding, Buffer.concat([bytes.subarray(10 + 140 * KIB), frame(OP.text, "next")]));
    expect(notes.got.map(([kind]) => kind)).toEqual(["binary", "text"]);
    expect(notes.payloads[0]?.buffer).toBe(memory);
    expect(notes.payloads[0]?.equals(message)).toBe(true);
  });

  it("is complete when its room is filled, and has none behind it", () => {
    const { decoder: decoding, notes } = decoder();
    const bytes = frame(OP.text, "x".repeat(100 * KIB));
    decoding.push(bytes.subarray(0, 20));
    decoding.room?.fill("x");
    expect(decoding.filled(decoding.room?.length ?? 0)).toBeUndefined();
    expect(decoding.room).toBeUndefined();
    expect(notes.got).toEqual([["text", "x".repeat(100 * KIB)]]);
    expect(decoding.filled(1)).toBeUndefined();
  });

  it("is refused, and ended, like any other payload", () => {
    const { decoder: decoding, notes } = decoder();
    decoding.push(frame(OP.text, "x".repeat(100 * KIB)).subarray(0, 20));
    decoding.room?.fill(0xff);
    expect(decoding.filled(decoding.room?.length ?? 0)?.closeCode).toBe(1007);
    const ended = decoder();
    ended.decoder.push(frame(OP.text, "x".repeat(100 * KIB)).subarray(0, 20));
    ended.decoder.end();
    expect(ended.decoder.room).toBeUndefined();
    expect(ended.decoder.filled(100 * KIB)).toBeUndefined();
    expect([...notes.got, ...ended.notes.got]).toEqual([]);
  });

  it("has no room where a read may have to wait for its turn", () => {
    const { decoder: decoding } = decoder({ inflate: (data) => data, mayGoOn: () => true });
    decoding.push(frame(OP.text, "x".repeat(100 * KIB)).subarray(0, 20));
    expect(decoding.room).toBeUndefined();
  });
});

describe("UTF-8", () => {
  it.each(["é", "€".repeat(100), "𝄞".repeat(3000), "a".repeat(57) + "é", "plain"])(
    "%s passes, cut anywhere",
    (text) => {
      const bytes = Buffer.from(text);
      const whole = bytes.toString("latin1");
      expect(decode([frame(OP.text, bytes)])).toEqual([["text", whole]]);
      const halves = [
        frame(OP.text, bytes.subarray(0, 1), { fin: false }),
        frame(OP.continuation, bytes.subarray(1)),
      ];
      expect(decode(halves)).toEqual([["text", whole]]);
    },
  );

  it.each([
    ["a stray byte", [0x80]],
    ["an overlong form", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["more than U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
    ["half a character", [0xe2, 0x82]],
  ])("%s is refused, short or long, and taken when told to", (_name, bad) => {
    for (const padding of [0, 3, 8, 57, 70]) {
      const bytes = Buffer.from([...Buffer.alloc(padding, 0x61), ...bad]);
      expect(decode([frame(OP.text, bytes)])).toEqual([["refused", "INVALID_UTF8", 1007]]);
      expect(decode([frame(OP.binary, bytes)])).toEqual([["binary", bytes.toString("latin1")]]);
      expect(decode([frame(OP.text, bytes)], { validateUtf8: false })).toEqual([
        ["text", bytes.toString("latin1")],
      ]);
    }
  });

  it("is not asked of a close reason when told so", () => {
    const close = frame(OP.close, Buffer.concat([closePayload(1000), NOT_UTF8]));
    expect(decode([close], { validateUtf8: false })).toEqual([["close", 1000, "ÿ"]]);
    expect(decode([close])).toEqual([["refused", "INVALID_UTF8", 1007]]);
  });
});

describe("violations", () => {
  it.each<readonly [string, Buffer]>([
    ["RSV1 without an extension", frame(OP.text, "x", { rsv: 4 })],
    ["RSV2", frame(OP.text, "x", { rsv: 2 })],
    ["RSV3", frame(OP.ping, "x", { rsv: 1 })],
    ...[3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf].map(
      (opcode) => [`opcode ${opcode}`, frame(opcode, "x")] as const,
    ),
    ["a masked text", frame(OP.text, "x", { masked: true })],
    ["a masked ping", frame(OP.ping, "x", { masked: true })],
    ["a continuation of nothing", frame(OP.continuation, "x")],
    ["the last continuation of nothing", frame(OP.continuation, "x", { fin: false })],
    [
      "a message inside another",
      Buffer.concat([frame(OP.text, "x", { fin: false }), frame(OP.binary, "y")]),
    ],
    [
      "a fragment inside another",
      Buffer.concat([frame(OP.text, "x", { fin: false }), frame(OP.text, "y", { fin: false })]),
    ],
    ["a fragmented ping", frame(OP.ping, "x", { fin: false })],
    ["a ping of 126 bytes", frame(OP.ping, Buffer.alloc(126))],
    ["a close of 1 byte", frame(OP.close, "x")],
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535].map(
      (code) => [`close code ${code}`, frame(OP.close, closePayload(code))] as const,
    ),
    [
      "125 bytes announced with 16 bits",
      Buffer.concat([announce(OP.binary, 16, 125), Buffer.alloc(125)]),
    ],
    ["0 bytes announced with 16 bits", announce(OP.text, 16, 0)],
    ["65535 bytes announced with 64 bits", announce(OP.binary, 64, 65_535)],
  ])("%s: 1002, after what came before, and nothing behind it counts", (_name, bytes) => {
    const all = Buffer.concat([frame(OP.text, "good"), bytes, frame(OP.text, "never")]);
    const expected = [
      ["text", "good"],
      ["refused", "PROTOCOL_ERROR", 1002],
    ];
    expect(decode([all])).toEqual(expected);
    expect(decode(bytewise(all))).toEqual(expected);
  });

  it("are seen as soon as the header's two bytes are there", () => {
    expect(decode([Buffer.from([0x83, 0x7f])])).toEqual([["refused", "PROTOCOL_ERROR", 1002]]);
    expect(decode([Buffer.from([0x82]), Buffer.from([0xff])])).toEqual([
      ["refused", "PROTOCOL_ERROR", 1002],
    ]);
  });
});

describe("the message limit", () => {
  const TOO_BIG = [["refused", "MESSAGE_TOO_BIG", 1009]];

  it("is kept by the header, before a byte of the payload is there", () => {
    expect(decode([announce(OP.binary, 16, 1001)], { maxMessageBytes: 1000 })).toEqual(TOO_BIG);
    expect(decode([announce(OP.text, 64, 2 ** 32)], { maxMessageBytes: 2 ** 31 - 1 })).toEqual(
      TOO_BIG,
    );
    expect(decode([announce(OP.text, 64, 2n ** 53n)])).toEqual(TOO_BIG);
    expect(decode([announce(OP.text, 64, 2n ** 63n)])).toEqual(TOO_BIG);
    expect(decode([frame(OP.binary, Buffer.alloc(1000))], { maxMessageBytes: 1000 })).toHaveLength(
      1,
    );
  });

  it("counts the fragments of one message, and begins again with the next", () => {
    const parts = (last: number): Buffer[] => [
      frame(OP.binary, Buffer.alloc(600), { fin: false }),
      frame(OP.ping, Buffer.alloc(125)),
      frame(OP.continuation, Buffer.alloc(last)),
    ];
    const kinds = (pieces: Buffer[]): string[] =>
      decode(pieces, { maxMessageBytes: 1000 }).map(([kind]) => kind);
    expect(kinds([...parts(400), ...parts(400)])).toEqual(["ping", "binary", "ping", "binary"]);
    expect(kinds([...parts(400), ...parts(401)])).toEqual(["ping", "binary", "ping", "refused"]);
  });

  it("does not count control frames", () => {
    expect(decode([frame(OP.ping, "four")], { maxMessageBytes: 1 })).toEqual([["ping", "four"]]);
  });
});

describe("compressed messages", () => {
  const inflate = (data: Buffer): Buffer => Buffer.from(`<${data.toString()}>`);

  it("are inflated whole, and others are not", () => {
    const bytes = Buffer.concat([
      frame(OP.text, "a", { rsv: 4 }),
      frame(OP.text, "b"),
      frame(OP.binary, "c", { rsv: 4, fin: false }),
      frame(OP.ping, "p"),
      frame(OP.continuation, "d"),
      frame(OP.binary, "e", { fin: false }),
      frame(OP.continuation, "f"),
    ]);
    expect(decode(bytewise(bytes), { inflate })).toEqual([
      ["text", "<a>"],
      ["text", "b"],
      ["ping", "p"],
      ["binary", "<cd>"],
      ["binary", "ef"],
    ]);
  });

  it.each([
    [
      "a continuation",
      Buffer.concat([frame(OP.text, "a", { fin: false }), frame(OP.continuation, "b", { rsv: 4 })]),
    ],
    ["a control frame", frame(OP.ping, "a", { rsv: 4 })],
  ])("%s cannot carry the mark", (_name, bytes) => {
    expect(decode([bytes], { inflate })).toEqual([["refused", "PROTOCOL_ERROR", 1002]]);
  });
});
