import { WsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import type { SocketLagEvent, SocketMessageEvent } from "../../../src/websocket/index.js";
import { startServer, tcpOf } from "../support/server.js";
import type { Platform } from "./platform.js";

/** How a `ReconnectingWebSocket` tells of faults on every platform. */
export function faultsSuite(platform: Platform): void {
  const { absent, connect, refused, tellsStatus } = platform;

  // The faults of the table in the project's reference on today's clients, each against a real
  // server.
  describe("a socket outlives", () => {
    it("a dropped connection, and tells of it in order", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      const states: number[] = [];
      for (const type of ["open", "close", "error"] as const)
        socket.addEventListener(type, () => states.push(socket.readyState));
      const first = await server.socket(0);
      first.send("one");
      await story.nth("message");
      tcpOf(first).end();
      const close = await story.nth("close");
      expect(close).toMatchObject({
        code: 1006,
        reason: "",
        wasClean: false,
        epoch: 1,
        willReconnect: true,
      });
      expect(close.cause).toMatchObject({ kind: "connection", epoch: 1 });
      const open = await story.nth("open", 2);
      expect(open).toMatchObject({ epoch: 2, isReconnect: true });
      (await server.socket(1)).send("two");
      expect(await story.nth("message", 2)).toMatchObject({ data: "two", epoch: 2, seq: 2 });
      expect(story.words).toEqual([
        "open 1",
        "message one",
        "error SOCKET_LOST",
        "close 1006",
        "open 2",
        "message two",
      ]);
      expect(states).toEqual([1, 0, 0, 1]);
    });

    it("a connection that is reset", async () => {
      const server = await startServer();
      const { story } = connect(server.url);
      await story.nth("open");
      tcpOf(await server.socket(0)).resetAndDestroy();
      await story.nth("open", 2);
      expect(story.of("error")).toMatchObject([{ error: { kind: "connection", epoch: 1 } }]);
    });

    it("a peer that freezes with TCP half-open", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url, {
        config: { liveness: { probeAfterMs: 20, staleAfterMs: 40, deadAfterMs: 60 } },
      });
      const frozen = await server.socket(0);
      await story.nth("open");
      // It reads no more, so it answers no ping; the connection stays.
      tcpOf(frozen).pause();
      const stale = await story.nth("stale");
      expect(stale).toMatchObject({ epoch: 1 });
      expect(stale.lastInboundAt).toBeGreaterThan(0);
      const close = await story.nth("close");
      expect(close).toMatchObject({ code: 1006, epoch: 1, willReconnect: true });
      expect(close.cause).toMatchObject({ kind: "timeout", code: "PEER_SILENT" });
      await story.nth("open", 2);
      expect(socket.lifecycle.snapshot.staleCount).toBeGreaterThan(0);
      expect(story.words.slice(0, 5)).toEqual([
        "open 1",
        "stale",
        "error PEER_SILENT",
        "close 1006",
        "open 2",
      ]);
    });

    it("refusals that pass, one error each", async () => {
      const server = await startServer();
      server.refuse(503, 503);
      const { story } = connect(server.url);
      await story.nth("open");
      expect(story.words).toEqual([`error ${refused}`, `error ${refused}`, "open 1"]);
      const status = tellsStatus ? 503 : undefined;
      expect(story.of("error").map(({ error }) => error.status)).toEqual([status, status]);
      expect(story.of("error")[0]?.message.includes("503")).toBe(tellsStatus);
    });

    it("a server that accepts and closes at once, with backoff between the attempts", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      for (let index = 0; index < 3; index++) (await server.socket(index)).close(1000, "go away");
      await story.nth("open", 4);
      expect(story.words).toEqual([
        "open 1",
        "close 1000",
        "open 2",
        "close 1000",
        "open 3",
        "close 1000",
        "open 4",
      ]);
      expect(story.of("close")[0]).toMatchObject({
        reason: "go away",
        wasClean: true,
        willReconnect: true,
      });
      // An open proves nothing: the failures still count in a row.
      expect(socket.lifecycle.snapshot.attempts).toBe(4);
      expect(socket.retryCount).toBe(0);
    });

    it("a server that is not there, with a growing count of retries", async () => {
      const server = await startServer();
      const gone = await startServer();
      server.refuse(500, 500);
      const counts: number[] = [];
      const urls = [gone.url.replace(/:\d+/, ":1"), server.url, server.url, server.url];
      const { socket, story } = connect(() => urls.shift() ?? server.url);
      socket.addEventListener("error", () => counts.push(socket.retryCount));
      await story.nth("open");
      expect(counts).toEqual([0, 1, 2]);
      expect(story.words[0]).toBe(`error ${absent}`);
    });

    it("a URL function that rejects, throws and lies, and asks it for every attempt", async () => {
      const server = await startServer();
      const answers = [
        () => Promise.reject(new Error("no listen key today")),
        () => {
          throw new Error("nor tomorrow");
        },
        () => "ftp://not-a-websocket/",
        () => Promise.resolve(new URL(`${server.url}?key=1`)),
        () => `${server.url}?key=2`,
      ];
      let asked = 0;
      const { socket, story } = connect(() => answers[asked++]!());
      expect(socket.url).toBe("");
      await story.nth("open");
      expect(story.words).toEqual([
        "error AUTH_FAILED",
        "error AUTH_FAILED",
        "error URL_INVALID",
        "open 1",
      ]);
      expect(story.of("error")[0]?.error).toMatchObject({
        kind: "unknown",
        cause: { message: "no listen key today" },
      });
      expect(socket.url).toBe(`${server.url}?key=1`);
      (await server.socket(0)).terminate();
      await story.nth("open", 2);
      expect(server.requests.map(({ url }) => url)).toEqual(["/feed?key=1", "/feed?key=2"]);
      expect(asked).toBe(5);
    });

    it("a subprotocol function that rejects", async () => {
      const server = await startServer();
      let asked = 0;
      const protocols = (): Promise<string[]> =>
        asked++ === 0 ? Promise.reject(new Error("no token")) : Promise.resolve(["token"]);
      const { socket, story } = connect(server.url, {}, protocols);
      await story.nth("open");
      expect(story.words).toEqual(["error AUTH_FAILED", "open 1"]);
      expect(socket.protocol).toBe("token");
    });
  });

  describe("a socket gives up", () => {
    it("when the URL function says that there is no hope", async () => {
      const refusal = new WsError({
        kind: "auth",
        code: "KEY_REVOKED",
        message: "the key was revoked",
      });
      const { story } = connect(() => Promise.reject(refusal), {
        config: { attempts: { permanentRetries: 0 } },
      });
      expect(await story.nth("close")).toMatchObject({ willReconnect: false, cause: refusal });
    });

    it("after maxAttempts, when asked to", async () => {
      const server = await startServer();
      server.refuse(500, 500);
      const { socket, story } = connect(server.url, { config: { attempts: { maxAttempts: 2 } } });
      expect(await story.nth("close")).toMatchObject({
        willReconnect: false,
        cause: tellsStatus ? { status: 500 } : { code: refused },
      });
      expect(socket.lifecycle.snapshot.exhausted).toBe(true);
    });

    it("while open, with one last close", async () => {
      const server = await startServer();
      const { story } = connect(server.url, {
        classify: { classify: () => "permanent" },
        config: { attempts: { permanentRetries: 0 } },
      });
      (await server.socket(0)).close(4001, "banned");
      expect(await story.nth("close")).toMatchObject({
        code: 4001,
        reason: "banned",
        wasClean: true,
        epoch: 1,
        willReconnect: false,
      });
      expect(story.words).toEqual(["open 1", "close 4001"]);
    });
  });

  describe("a burst larger than the buffer", () => {
    it("is told exactly: every message, or its place in a lag event", async () => {
      const server = await startServer();
      const { story } = connect(server.url, { config: { buffer: { maxFrames: 16 } } });
      await story.nth("open");
      const total = 20_000;
      const peer = await server.socket(0);
      tcpOf(peer).cork();
      for (let index = 1; index <= total; index++) peer.send(String(index));
      tcpOf(peer).uncork();
      await story.until(() => story.of("message").at(-1)?.seq === total);
      let next = 1;
      for (const event of story.events) {
        if (event.type === "lag") {
          const { fromSeq, toSeq, frames } = event as SocketLagEvent;
          expect([fromSeq, frames]).toEqual([next, toSeq - fromSeq + 1]);
          next = toSeq + 1;
        } else if (event.type === "message") {
          const { seq, data } = event as SocketMessageEvent;
          expect([seq, data]).toEqual([next, String(next)]);
          next++;
        }
      }
      expect(next).toBe(total + 1);
      expect(story.of("lag").length).toBeGreaterThan(0);
    });

    it("does not outrun a slow listener: it is synchronous, so TCP holds what it has not seen", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url, { config: { buffer: { maxFrames: 64 } } });
      await story.nth("open");
      const peer = await server.socket(0);
      const frame = Buffer.alloc(1024 * 1024);
      socket.addEventListener("message", () => {
        // Blocks, as a busy strategy does. Nothing else of this process runs meanwhile, the reading
        // of the socket included.
        const until = performance.now() + 2;
        while (performance.now() < until);
      });
      for (let index = 0; index < 32; index++) peer.send(frame);
      await story.until(() => story.of("message").length === 32);
      expect(story.of("lag")).toEqual([]);
    });
  });
}
