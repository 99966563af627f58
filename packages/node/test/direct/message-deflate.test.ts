import { once } from "node:events";
import { constants, deflateRawSync } from "node:zlib";
import { isConfigError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import { directConnector } from "../../src/direct/direct-connector.js";
import { messageDeflate } from "../../src/direct/message-deflate.js";
import { connect, nextFrame, readAll, wsServer } from "../support/connections.js";
import { frame, OP } from "../support/frames.js";
import { RawPeer, rawServer } from "../support/raw-server.js";

const MIB = 1024 * 1024;
const AGREED = ["Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover"];

const ALONE = { clientWindowBits: 15, serverKeepsContext: false };

function deflated(data: string | Buffer): Buffer {
  const bytes = deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH });
  return bytes.subarray(0, bytes.length - 4);
}

describe("a message", () => {
  it.each(["", "short", "long ".repeat(10_000)])("comes back as it was: %#", (text) => {
    const { deflate, inflate } = messageDeflate(ALONE, { threshold: 0 }, MIB);
    expect(inflate(deflate(text)!).toString()).toBe(text);
    expect(inflate(deflate(Buffer.from(text))!).toString()).toBe(text);
  });

  it("is the one of RFC 7692 section 7.2.3, also with a final block", () => {
    const { inflate } = messageDeflate(ALONE, {}, MIB);
    expect(inflate(Buffer.from([0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])).toString()).toBe(
      "Hello",
    );
    expect(
      inflate(
        Buffer.from([0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00]),
      ).toString(),
    ).toBe("Hello");
    expect(inflate(Buffer.from([0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00])).toString()).toBe(
      "Hello",
    );
    expect(inflate(Buffer.from([0x00])).toString()).toBe("");
  });

  it("goes out as it is when it is short, or when no window fits", () => {
    expect(messageDeflate(ALONE, {}, MIB).deflate("x".repeat(1023))).toBeUndefined();
    expect(messageDeflate(ALONE, {}, MIB).deflate("x".repeat(1024))?.length).toBeLessThan(50);
    expect(
      messageDeflate({ ...ALONE, clientWindowBits: undefined }, { threshold: 0 }, MIB).deflate(
        "x".repeat(5000),
      ),
    ).toBeUndefined();
  });

  it("that is a bomb is refused before it is in memory", () => {
    const bomb = deflated(Buffer.alloc(64 * MIB));
    expect(bomb.length).toBeLessThan(100_000);
    const { inflate } = messageDeflate(ALONE, {}, MIB);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => inflate(bomb)).toThrow(
      expect.objectContaining({ code: "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", closeCode: 1009 }),
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * MIB);
    expect(inflate(deflated(Buffer.alloc(MIB)))).toHaveLength(MIB);
    expect(() => inflate(deflated(Buffer.alloc(MIB + 1)))).toThrow();
  });
});

describe("a compressed connection", () => {
  it("goes both ways with a ws server, and compresses", async () => {
    const { url, server } = await wsServer({ perMessageDeflate: { threshold: 0 } });
    const accepted = once(server, "connection");
    const connection = await connect(
      directConnector({ socket: { perMessageDeflate: { threshold: 0 } } }),
      url,
    );
    const [peer] = (await accepted) as [WebSocket];
    expect(peer.extensions).toBe("permessage-deflate");
    const texts = ["", "one", "two ".repeat(5000), "one", "three"];
    for (const text of texts) peer.send(text);
    for (const text of texts) expect(await nextFrame(connection)).toEqual(["text", text]);
    const got: string[] = [];
    const all = new Promise<void>((resolve) => {
      peer.on("message", (data: Buffer) => got.push(data.toString()) === texts.length && resolve());
    });
    await Promise.all(texts.map((text) => connection.send(text)));
    await all;
    expect(got).toEqual(texts);
  });

  it("ends with MESSAGE_TOO_BIG on a bomb, after the frames before it", async () => {
    const server = await rawServer({ allowHalfOpen: true });
    const connecting = connect(
      directConnector({ maxMessageBytes: 1000, socket: { perMessageDeflate: true } }),
      server.url,
    );
    const peer = new RawPeer(await server.next());
    await peer.upgrade(frame(OP.text, "good"), AGREED);
    peer.socket.write(frame(OP.binary, deflated(Buffer.alloc(MIB)), { rsv: 4 }));
    const { frames, error } = await readAll(await connecting);
    expect(frames).toEqual([["text", "good"]]);
    expect(error).toMatchObject({ kind: "server", code: "MESSAGE_TOO_BIG" });
    expect((await peer.nextFrame()).payload.readUInt16BE(0)).toBe(1009);
  });
});

it("options that this leaf cannot keep are issues, with all others", () => {
  const issues = (options: unknown): string[] => {
    try {
      directConnector(options as never);
      return [];
    } catch (error) {
      if (!isConfigError(error)) throw error;
      return error.issues.map(({ path }) => path);
    }
  };
  expect(
    issues({
      closeTimeoutMs: 0,
      socket: { perMessageDeflate: { serverNoContextTakeover: false, clientMaxWindowBits: 8 } },
    }),
  ).toEqual([
    "closeTimeoutMs",
    "socket.perMessageDeflate.serverNoContextTakeover",
    "socket.perMessageDeflate.clientMaxWindowBits",
  ]);
  expect(
    issues({
      socket: { perMessageDeflate: { concurrencyLimit: 1, clientNoContextTakeover: false } },
    }),
  ).toHaveLength(2);
  expect(issues({ socket: { perMessageDeflate: 7 } })).toEqual(["socket.perMessageDeflate"]);
  expect(issues(null)).toHaveLength(1);
  expect(
    issues({
      socket: {
        perMessageDeflate: { serverMaxWindowBits: 8, clientMaxWindowBits: 9, threshold: 1 },
      },
    }),
  ).toEqual([]);
  expect(issues({ socket: { perMessageDeflate: false } })).toEqual([]);
});
