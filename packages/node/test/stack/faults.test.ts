import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { TraceEvent } from "oath-ws";
import { open } from "oath-ws";
import { loopbackAddress } from "@oath-ws/sim";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { describe, expect, it } from "vitest";
import { rawSocket, startServer, until } from "./support.js";

const FAST = { backoff: { minMs: 1, maxMs: 5 } } as const;

/** Frames that break RFC 6455, as raw bytes from the server. */
const VIOLATIONS = [
  { name: "bad UTF-8 in a text message", bytes: [0x81, 0x02, 0xc3, 0x28], code: "INVALID_UTF8" },
  { name: "a reserved opcode", bytes: [0x83, 0x00], code: "PROTOCOL_ERROR" },
  { name: "a masked server frame", bytes: [0x81, 0x81, 1, 2, 3, 4, 0x60], code: "PROTOCOL_ERROR" },
  { name: "a reserved bit", bytes: [0xc1, 0x01, 0x61], code: "PROTOCOL_ERROR" },
  { name: "a message over the limit", bytes: [0x82, 0x7e, 0x08, 0x00], code: "MESSAGE_TOO_BIG" },
] as const;

describe("a peer that breaks the protocol", () => {
  it.each(VIOLATIONS)(
    "by $name is dropped with $code and replaced; nothing comes twice",
    async ({ bytes, code }) => {
      await using server = await startServer();
      await using feed = await open(server.url, {
        config: { ...FAST, limits: { maxMessageBytes: 1_024 } },
      });
      const first = await server.socket(0);
      first.send("before");
      rawSocket(first).write(Buffer.from(bytes));
      (await server.socket(1)).send("after");
      const texts: string[] = [];
      for await (const frame of feed.source) {
        texts.push(`${frame.epoch}:${frame.text()}`);
        if (frame.epoch === 2) break;
      }
      expect(texts).toEqual(["1:before", "2:after"]);
      expect(feed.lifecycle.snapshot).toMatchObject({
        phase: "resumed",
        epoch: 2,
        cause: { code, epoch: 1 },
      });
    },
  );
});

describe("a connection that ends", () => {
  it.each([
    {
      name: "by RST",
      end: (socket: WebSocket) => rawSocket(socket).resetAndDestroy(),
      code: "ECONNRESET",
    },
    {
      name: "by FIN without a close frame",
      end: (socket: WebSocket) => rawSocket(socket).end(),
      code: "SOCKET_LOST",
    },
    {
      name: "with close code 1001",
      end: (socket: WebSocket) => socket.close(1001, "moving"),
      code: "PEER_CLOSED",
    },
  ])("$name is replaced", async ({ end, code }) => {
    await using server = await startServer();
    await using feed = await open(server.url, { config: FAST });
    end(await server.socket(0));
    await until(feed.lifecycle, ({ epoch }) => epoch === 2);
    expect(feed.lifecycle.snapshot.cause).toMatchObject({ code, epoch: 1 });
    if (code === "PEER_CLOSED")
      expect(feed.lifecycle.snapshot.cause?.close).toEqual({ code: 1001, reason: "moving" });
  });

  it("half-open is noticed by silence", async () => {
    await using server = await startServer();
    await using feed = await open(server.url, {
      config: { ...FAST, liveness: { probeAfterMs: 40, staleAfterMs: 80, deadAfterMs: 120 } },
    });
    // The peer's kernel keeps the connection; its program neither reads nor writes any more, so no
    // probe is answered.
    rawSocket(await server.socket(0)).pause();
    await until(feed.lifecycle, ({ epoch }) => epoch === 2);
    expect(feed.lifecycle.snapshot).toMatchObject({ cause: { code: "PEER_SILENT" } });
    expect(feed.lifecycle.snapshot.staleCount).toBeGreaterThanOrEqual(1);
  });

  it("by a server restart comes back, though the port refuses meanwhile", async () => {
    const host = loopbackAddress();
    const first = await startServer({ host });
    const { port } = first.server.address() as AddressInfo;
    await using feed = await open(first.url, { config: FAST });
    await first[Symbol.asyncDispose]();
    await until(feed.lifecycle, ({ cause }) => cause?.code === "ECONNREFUSED");
    await using second = await startServer({ host, port });
    await second.socket(0);
    await until(feed.lifecycle, ({ phase }) => phase === "resumed");
    expect(feed.lifecycle.snapshot.epoch).toBe(2);
  });

  it("on demand is replaced at once, however often it was demanded", async () => {
    await using server = await startServer();
    await using feed = await open(server.url, {
      config: { backoff: { minMs: 3_600_000, maxMs: 3_600_000 } },
    });
    for (let i = 0; i < 10; i++) feed.trigger.forceReconnect("watchdog");
    await until(feed.lifecycle, ({ epoch }) => epoch === 2);
    expect(feed.lifecycle.snapshot).toMatchObject({ attempts: 2, cause: { code: "FORCED" } });
  });
});

describe("a server that refuses", () => {
  async function refusing(status: number, headers: Record<string, string> = {}) {
    let requests = 0;
    const server = createServer();
    server.on("upgrade", (_request, socket) => {
      requests++;
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(
        `HTTP/1.1 ${status} No\r\n${lines.join("")}Content-Length: 0\r\nConnection: close\r\n\r\n`,
      );
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return {
      url: `ws://127.0.0.1:${port}/?token=canary`,
      requests: () => requests,
      [Symbol.dispose]: () => void server.close(),
    };
  }

  it("the credentials is tried a few times, then it is unrecoverable", async () => {
    using server = await refusing(401);
    const failure = open(server.url, { config: { ...FAST, attempts: { permanentRetries: 2 } } });
    await expect(failure).rejects.toMatchObject({
      kind: "auth",
      code: "UPGRADE_REFUSED",
      status: 401,
    });
    expect(server.requests()).toBe(3);
  });

  it("with Retry-After gets no second attempt before its time", async () => {
    using server = await refusing(429, { "Retry-After": "60" });
    const events: TraceEvent[] = [];
    await using feed = await open(server.url, {
      config: FAST,
      awaitFirst: false,
      tracer: { trace: (event) => events.push(event) },
    });
    await until(feed.lifecycle, ({ cause }) => cause !== undefined);
    const failure = events.find((event) => event.kind === "failure");
    expect(failure?.retryAt).toBe((failure?.at ?? 0) + 60_000);
    expect(feed.lifecycle.snapshot.attempts).toBe(1);
    expect(server.requests()).toBe(1);
  });

  it("shows the reader the cause, once the connection has been up", async () => {
    const http = createServer();
    const websockets = new WebSocketServer({ noServer: true });
    let up = true;
    http.on("upgrade", (request, socket, head) => {
      if (up)
        websockets.handleUpgrade(request, socket, head, (peer) =>
          websockets.emit("connection", peer),
        );
      else socket.end("HTTP/1.1 403 No\r\nConnection: close\r\n\r\n");
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const accepted = once(websockets, "connection");
    const feed = await open(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`, {
      config: { ...FAST, attempts: { permanentRetries: 1, permanentForMs: false } },
    });
    const [peer] = (await accepted) as [WebSocket];
    up = false;
    peer.terminate();
    await expect(feed.source.readable()).rejects.toMatchObject({ status: 403 });
    expect(feed.lifecycle.snapshot).toMatchObject({ phase: "unrecoverable", exhausted: false });
    await expect(feed.sink.send("x")).rejects.toMatchObject({ code: "NOT_CONNECTED" });
    await feed.control.shutdown();
    http.close();
  });
});
