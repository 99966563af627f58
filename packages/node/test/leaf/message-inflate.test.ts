import { once } from "node:events";
import { constants, createDeflateRaw, deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { MessageInflate } from "../../src/leaf/message-inflate.js";
import type { ProtocolViolation } from "../../src/leaf/protocol-violation.js";

const MIB = 1024 * 1024;

function inflating(keepsContext = false, maxMessageBytes = MIB): MessageInflate {
  return new MessageInflate({ maxMessageBytes, keepsContext });
}

/** A message as RFC 7692 section 7.2.1 sends it. */
function message(text: string | Buffer): Buffer {
  return deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

function later(inflate: MessageInflate, data: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    inflate.later(data, (error, bytes) =>
      error === undefined ? resolve(bytes.toString()) : reject(error),
    );
  });
}

/** Compressible, with dynamic codes, which is what a feed's messages have. */
const FEED = JSON.stringify(
  Array.from({ length: 200 }, (_, i) => ({ price: (i * 7.3).toFixed(2), size: Math.sin(i) })),
);

describe("a compressed message", () => {
  it.each([
    ["with a final block and the octet behind it", [deflateRawSync("hello"), Buffer.from([0])]],
    ["with a final block", [deflateRawSync("hello")]],
    ["in two DEFLATE streams", [deflateRawSync("hel"), message("lo")]],
    ["in three, of which one is empty", [deflateRawSync("hel"), deflateRawSync(""), message("lo")]],
    ["whose sender left the end in place", [message("hello"), Buffer.from([0, 0, 0xff, 0xff])]],
  ])("%s is whole", async (_name, parts) => {
    const data = Buffer.concat(parts);
    expect(inflating().now(data).toString()).toBe("hello");
    expect(await later(inflating(), data)).toBe("hello");
  });

  it.each([
    ["nothing", [""]],
    ["a little", ["hello"]],
    ["two streams", ["hel", "lo"]],
    ["much", [FEED]],
  ])("of %s has memory of its own, of which it leaves little unused", async (_name, texts) => {
    const data = Buffer.concat(texts.map((text) => deflateRawSync(text)));
    const own = inflating().now(data);
    expect(own.buffer.byteLength).toBeLessThanOrEqual((own.length * 4) / 3);
    expect(inflating().now(data).buffer).not.toBe(own.buffer);
  });

  it("comes out right whatever those before it became, and leaves as little unused", () => {
    const inflate = inflating();
    const texts = ["a".repeat(200_000), "hello", FEED, "b".repeat(900_000), FEED.slice(0, 700), ""];
    for (let i = 0; i < 60; i++) {
      const text = texts[(i * i + 3 * i) % texts.length] ?? "";
      const own = inflate.now(message(text));
      expect(own.equals(Buffer.from(text))).toBe(true);
      expect(own.buffer.byteLength).toBeLessThanOrEqual((own.length * 4) / 3);
    }
  });

  it.each([Buffer.alloc(0), Buffer.from([0])])("of %o is empty", async (data) => {
    expect(inflating().now(data)).toHaveLength(0);
    expect(await later(inflating(), data)).toBe("");
  });

  it.each([
    ["short", "hello world, how are you"],
    ["long", FEED],
  ])("that is cut off anywhere is refused: %s", async (_name, text) => {
    const data = message(text);
    expect(inflating().now(data).toString()).toBe(text);
    const passed: number[] = [];
    for (let end = 1; end < data.length; end++) {
      try {
        inflating().now(data.subarray(0, end));
        passed.push(end);
      } catch (error) {
        expect((error as ProtocolViolation).closeCode).toBe(1007);
      }
    }
    expect(passed).toEqual([]);
    await expect(later(inflating(), data.subarray(0, data.length >> 1))).rejects.toMatchObject({
      closeCode: 1007,
    });
  });

  it("counts all of its streams against the limit", async () => {
    const data = Buffer.concat([deflateRawSync("x".repeat(60)), message("y".repeat(40))]);
    expect(inflating(false, 100).now(data)).toHaveLength(100);
    const tooBig = { code: "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", closeCode: 1009 };
    expect(() => inflating(false, 99).now(data)).toThrow(expect.objectContaining(tooBig));
    await expect(later(inflating(false, 99), data)).rejects.toMatchObject(tooBig);
  });
});

describe("with context takeover", () => {
  async function takeover(texts: readonly string[]): Promise<Buffer[]> {
    const stream = createDeflateRaw();
    const messages: Buffer[] = [];
    for (const text of texts) {
      const parts: Buffer[] = [];
      const onData = (part: Buffer): void => void parts.push(part);
      stream.on("data", onData);
      stream.write(text);
      stream.flush(constants.Z_SYNC_FLUSH, () => stream.emit("flushed"));
      await once(stream, "flushed");
      stream.off("data", onData);
      messages.push(Buffer.concat(parts).subarray(0, -4));
    }
    return messages;
  }

  it("a message may refer to those before it, as far back as the window reaches", async () => {
    const texts = [FEED, "first ".repeat(10), "", FEED, "x".repeat(70_000), FEED, "first"];
    const messages = await takeover(texts);
    expect(messages[3]!.length).toBeLessThan(messages[0]!.length / 2);
    const now = inflating(true);
    expect(messages.map((each) => now.now(each).toString())).toEqual(texts);
    const deferred = inflating(true);
    for (const [i, each] of messages.entries()) expect(await later(deferred, each)).toBe(texts[i]);
  });

  it("without it, such a message is refused", async () => {
    const [, second] = await takeover([FEED, FEED]);
    expect(() => inflating().now(second!)).toThrow(expect.objectContaining({ closeCode: 1007 }));
  });
});
