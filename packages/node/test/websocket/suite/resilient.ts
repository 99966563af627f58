import { once } from "node:events";
import { AttemptGate } from "@oath-ws/resilience";
import { describe, expect, it } from "vitest";
import { startServer, tcpOf, thrownBy } from "../support/server.js";
import type { Platform } from "./platform.js";

/** Knows the places that were given out, and neither used nor given back. */
class WatchedGate extends AttemptGate {
  readonly waiting = new Set<unknown>();

  override reserve(...request: Parameters<AttemptGate["reserve"]>) {
    const place = super.reserve(...request);
    this.waiting.add(place);
    return place;
  }

  override claim(...claim: Parameters<AttemptGate["claim"]>): boolean {
    for (const part of claim) this.waiting.delete(part);
    return super.claim(...claim);
  }

  override release(...release: Parameters<AttemptGate["release"]>): void {
    for (const part of release) this.waiting.delete(part);
    super.release(...release);
  }
}

/** What a `ResilientWebSocket` promises on every platform. */
export function resilientSuite(platform: Platform): void {
  const { ReconnectingWebSocket, ResilientWebSocket, connectOnce, refused, tellsStatus } = platform;

  describe("a socket that ends with its connection", () => {
    it("is the reconnecting one without what reconnects", async () => {
      const server = await startServer();
      const { socket, story } = connectOnce(server.url, {}, []);
      const { CONNECTING, OPEN, CLOSING, CLOSED } = ResilientWebSocket;
      expect([CONNECTING, OPEN, CLOSING, CLOSED]).toEqual([0, 1, 2, 3]);
      expect("reconnect" in socket || "retryCount" in socket).toBe(false);
      const shared = Object.getPrototypeOf(ResilientWebSocket) as object;
      expect(Object.prototype.isPrototypeOf.call(shared, ReconnectingWebSocket)).toBe(true);
      expect(await story.nth("open")).toMatchObject({ epoch: 1, isReconnect: false });
      const echoed = once(await server.socket(0), "message");
      socket.send("hello");
      expect(String((await echoed)[0])).toBe("hello");
      socket.close();
      expect(await story.nth("close")).toMatchObject({ code: 1005, wasClean: true });
      expect(story.words).toEqual(["open 1", "close 1005"]);
    });

    it.each([
      ["a reset", (peer: Parameters<typeof tcpOf>[0]) => tcpOf(peer).resetAndDestroy(), 1006, true],
      [
        "a polite close",
        (peer: Parameters<typeof tcpOf>[0]) => peer.close(4001, "off"),
        4001,
        false,
      ],
    ])(
      "is over after %s, with the cause, and nothing is dialled again",
      async (_, end, code, isLost) => {
        const server = await startServer();
        // Proven at once, and the next attempt would be made at once.
        const { socket, story } = connectOnce(server.url, {
          config: { backoff: { stableAfterMs: 0.001, minMs: 1, maxMs: 1 } },
        });
        await story.nth("open");
        end(await server.socket(0));
        const close = await story.nth("close");
        expect(close).toMatchObject({ code, willReconnect: false, wasClean: !isLost, epoch: 1 });
        expect(close.cause).toMatchObject({ kind: "connection", epoch: 1 });
        expect(story.of("error")).toEqual([]);
        expect([socket.readyState, socket.lifecycle.snapshot.phase]).toEqual([3, "unrecoverable"]);
        expect(server.requests).toHaveLength(1);
      },
    );

    it("is over when the peer falls silent", async () => {
      const server = await startServer();
      const { story } = connectOnce(server.url, {
        config: { liveness: { probeAfterMs: 20, staleAfterMs: 40, deadAfterMs: 60 } },
      });
      await story.nth("open");
      tcpOf(await server.socket(0)).pause();
      expect((await story.nth("close")).cause).toMatchObject({ code: "PEER_SILENT" });
      expect(story.words).toEqual(["open 1", "stale", "close 1006"]);
    });

    it.each([
      ["is refused for good", "403 No"],
      ["is refused for now", "503 Later"],
      ["is refused until later", "429 Slow\r\nRetry-After: 1"],
    ])("is over when its one attempt %s", async (_, answer) => {
      const server = await startServer();
      server.answer(answer);
      const { socket, story } = connectOnce(server.url, { gate: new AttemptGate() });
      expect(await story.nth("close")).toMatchObject({
        code: 1006,
        epoch: 0,
        willReconnect: false,
        cause: tellsStatus
          ? { code: refused, status: Number(answer.slice(0, 3)) }
          : { code: refused },
      });
      expect(story.words).toEqual([`error ${refused}`, "close 1006"]);
      expect(socket.readyState).toBe(socket.CLOSED);
      expect(server.requests).toHaveLength(1);
    });

    it("is over when its URL function fails", async () => {
      const { story } = connectOnce(() => Promise.reject(new Error("no")));
      expect(await story.nth("close")).toMatchObject({ cause: { code: "AUTH_FAILED" } });
    });

    it("drops a frame after the end as the standard does, and tells of it", async () => {
      const server = await startServer();
      const { socket, story } = connectOnce(server.url);
      expect(thrownBy(() => socket.send("early"))).toMatchObject({
        name: "InvalidStateError",
        cause: { code: "NOT_CONNECTED" },
      });
      await story.nth("open");
      socket.close();
      socket.send("closing");
      expect(socket.bufferedAmount).toBe(7);
      await story.nth("close");
      socket.send("closed");
      await new Promise((resolve) => {
        socket.addEventListener("unsent", resolve);
      });
      expect(story.of("unsent")).toMatchObject([
        { data: "closing", error: { code: "SHUT_DOWN" } },
        { data: "closed", error: { code: "SHUT_DOWN" } },
      ]);
      expect(socket.bufferedAmount).toBe(0);
    });

    it("leaves its place at the gate to others when it is closed while it waits", async () => {
      const server = await startServer();
      const gate = new WatchedGate();
      const config = { attempts: { max: 1, windowMs: 60_000 } };
      const { story } = connectOnce(server.url, { gate, config });
      await story.nth("open");
      for (let index = 0; index < 5; index++) {
        const waiting = connectOnce(server.url, { gate, config });
        await waiting.socket.lifecycle.changed();
        expect(waiting.socket.readyState).toBe(waiting.socket.CONNECTING);
        expect(gate.waiting.size).toBe(1);
        waiting.socket.close();
        expect(await waiting.story.nth("close")).toMatchObject({ code: 1006, epoch: 0 });
        expect(gate.waiting.size).toBe(0);
      }
    });
  });
}
