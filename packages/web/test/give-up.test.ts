import { AttemptGate } from "@oath-ws/resilience";
import { WebSocket as UndiciWebSocket } from "undici";
import { describe, expect, it, vi } from "vitest";
import { WebSocket as NpmWebSocket } from "ws";
import { giveUp, lingeringSockets } from "../src/give-up.js";
import { openWeb } from "../src/open-web.js";
import { webConnector } from "../src/web-connector.js";
import type { WebSocketConstructorLike } from "../src/web-socket-like.js";
import { fakeConnection, handshake, until } from "./support/connections.js";
import { FakeWebSocket } from "./support/fake-web-socket.js";
import { mutePeer } from "./support/mute-peer.js";

// Node's own is there since Node 22.
const own = (globalThis as { WebSocket?: WebSocketConstructorLike }).WebSocket;
const PLATFORMS: Readonly<Record<string, WebSocketConstructorLike>> = {
  undici: UndiciWebSocket,
  "npm ws": NpmWebSocket,
  ...(own !== undefined && { "Node's own WebSocket": own }),
};

describe.each(Object.entries(PLATFORMS))(
  "over %s, a peer that does not answer the close frame",
  (_platform, WebSocket) => {
    const open = async (url: string) =>
      openWeb(url, {
        WebSocket,
        gate: new AttemptGate(),
        config: { backoff: { minMs: 1, maxMs: 1 } },
      });

    it("loses every socket that was given up: by reconnects, and by the end of shutdown", async () => {
      const before = lingeringSockets();
      const peer = await mutePeer();
      const feed = await open(peer.url);
      for (let epoch = 2; epoch <= 4; epoch++) {
        feed.trigger.forceReconnect("the test says so");
        await until(feed.lifecycle, (snapshot) => snapshot.epoch === epoch);
      }
      await feed.control.shutdown({ timeoutMs: 20 });
      expect(peer.count).toBe(4);
      await peer.gone();
      await vi.waitUntil(() => lingeringSockets() === before);
    });

    it("loses a socket that is given up in the turn in which it opened", async () => {
      const peer = await mutePeer();
      const ignore = (): void => undefined;
      await webConnector({ WebSocket }).connect(handshake(peer.url), {
        opened: (connection) => connection.destroy(),
        read: ignore,
        frame: ignore,
        dropped: ignore,
        closed: ignore,
        ended: ignore,
      });
      await peer.gone();
    });
  },
);

describe("a socket that the platform cannot drop", () => {
  it("is counted until the platform has closed it, and nothing listens to it but that count", async () => {
    const before = lingeringSockets();
    const { connection, socket } = await fakeConnection();
    const added = vi.spyOn(socket, "addEventListener");
    connection.destroy();
    expect([socket.closes.length, lingeringSockets()]).toEqual([1, before + 1]);
    socket.message("late");
    expect(connection.source.take()).toBeUndefined();
    expect(added.mock.calls.map(([type]) => type)).toEqual(["close"]);
    socket.closed(1006, "", false);
    socket.emit("close", { code: 1006, reason: "", wasClean: false });
    expect(lingeringSockets()).toBe(before);
  });

  it("is not counted when it closes within the call, or is closed already", () => {
    const before = lingeringSockets();
    const socket = new FakeWebSocket("ws://venue.test/");
    Object.assign(socket, { close: () => socket.closed(1006, "", false) });
    giveUp(socket);
    giveUp(socket);
    expect(lingeringSockets()).toBe(before);
  });

  it("is counted too when its platform throws", () => {
    const before = lingeringSockets();
    const socket = new FakeWebSocket("ws://venue.test/");
    Object.assign(socket, {
      close: () => {
        throw new Error("a platform's fault");
      },
    });
    giveUp(socket);
    expect(lingeringSockets()).toBe(before + 1);
    // The same number is in `stats()`, which asks the connector.
    expect(webConnector({ WebSocket: FakeWebSocket }).lingeringSockets?.()).toBe(before + 1);
    socket.closed(1006, "", false);
    expect(lingeringSockets()).toBe(before);
  });
});
