import type { ReconnectingConnection } from "@oath-ws/contract";
import { isConfigError } from "@oath-ws/contract";
import { AttemptGate } from "@oath-ws/resilience";
import { WebSocket } from "undici";
import { describe, expect, it, onTestFinished } from "vitest";
import { buildWeb } from "../src/build-web.js";
import { openWeb } from "../src/open-web.js";
import type { OpenWebOptions } from "../src/open-web.js";
import { startServer, until, wsErrorOf } from "./support/connections.js";

/**
 * The stack over undici's WebSocket, with delays that a test can wait for; shut down when the test
 * is over.
 */
async function openFast(
  url: string,
  options: OpenWebOptions = {},
): Promise<ReconnectingConnection> {
  const connection = await openWeb(url, {
    WebSocket,
    gate: new AttemptGate(),
    ...options,
    config: { backoff: { minMs: 1, maxMs: 5 }, ...options.config },
  });
  onTestFinished(() => connection.control.shutdown({ timeoutMs: 0 }));
  return connection;
}

describe("the stack over the web leaf", () => {
  it("survives a peer that drops, a peer that closes and a forced reconnect, and counts what it delivers", async () => {
    const server = await startServer();
    const feed = await openFast(server.url);
    const endings: ((index: number) => Promise<void>)[] = [
      async (index) => (await server.socket(index)).terminate(),
      async (index) => (await server.socket(index)).close(4001, "restart"),
      () => Promise.resolve(feed.trigger.forceReconnect("a test")),
    ];
    const causes: (string | undefined)[] = [];
    for (const [index, end] of endings.entries()) {
      (await server.socket(index)).send(`hello ${index + 1}`);
      await feed.source.readable();
      expect(feed.source.take()).toMatchObject({ epoch: index + 1, seq: index + 1 });
      await end(index);
      await until(feed.lifecycle, (snapshot) => snapshot.epoch === index + 2);
      causes.push(feed.lifecycle.snapshot.cause?.code);
    }
    expect(causes).toEqual(["SOCKET_LOST", "PEER_CLOSED", "FORCED"]);
    await feed.sink.send("still here");
  });

  it("judges by silence alone: stale, then another connection, and never a ping", async () => {
    const server = await startServer();
    const feed = await openFast(server.url, {
      config: { liveness: { probeAfterMs: 10, staleAfterMs: 20, deadAfterMs: 30 } },
    });
    const peer = await server.socket(0);
    let pings = 0;
    peer.on("ping", () => pings++);
    await until(feed.lifecycle, ({ staleCount }) => staleCount > 0);
    await until(feed.lifecycle, ({ epoch }) => epoch > 1);
    expect(feed.lifecycle.snapshot.cause?.code).toBe("PEER_SILENT");
    expect(pings).toBe(0);
  });

  it("tries again when there is no listener, and gives up when told so", async () => {
    const server = await startServer();
    // A port on which nothing listens any more.
    const refused = openFast(server.url.replace(/:\d+/, ":1"), {
      config: { attempts: { maxAttempts: 3 } },
    });
    expect(await wsErrorOf(refused)).toMatchObject({
      code: "ATTEMPTS_EXHAUSTED",
      cause: { code: "CONNECT_FAILED" },
    });
  });

  it("takes headers from an AuthSource for a permanent fault where the platform cannot send them", async () => {
    const server = await startServer();
    const opening = openFast(server.url, {
      auth: { authorize: (handshake) => ({ ...handshake, headers: { authorization: "canary" } }) },
    });
    expect(await wsErrorOf(opening)).toMatchObject({ code: "HANDSHAKE_OPTIONS_INVALID" });
    expect(server.sockets).toHaveLength(0);
  });

  it("ends in bounded time though the peer answers no close", async () => {
    const server = await startServer();
    const feed = await openFast(server.url, { config: { shutdown: { timeoutMs: 0 } } });
    (await server.socket(0)).pause();
    await feed.control.shutdown();
    expect(feed.lifecycle.snapshot.phase).toBe("closed");
    (await server.socket(0)).resume();
  });

  it("opens with subprotocols, without waiting, and with await using", async () => {
    const server = await startServer();
    await using feed = await openFast(server.url, { protocols: ["v1"], awaitFirst: false });
    expect(feed.lifecycle.snapshot.phase).toBe("connecting");
    await until(feed.lifecycle, ({ epoch }) => epoch === 1);
    expect((await server.socket(0)).protocol).toBe("v1");
  });

  it("names everything that is wrong at once, wherever it is checked", async () => {
    const options = {
      confg: {},
      protocolls: undefined,
      config: { backoff: { factor: 0 } },
      WebSocket: "WebSocket",
      headersSupported: "yes",
      classify: () => "transient",
    };
    for (const refusal of [openWeb("ws://127.0.0.1/", options as never), built(options)]) {
      const error: unknown = await refusal.catch((reason: unknown) => reason);
      expect(isConfigError(error) && error.issues.map(({ path }) => path)).toEqual([
        "confg",
        "classify",
        "backoff.factor",
        "WebSocket",
        "headersSupported",
      ]);
    }
    await expect(built({ WebSocket, protocols: [] })).rejects.toThrow(
      "protocols: is not an option",
    );
    await expect(openWeb("ws://127.0.0.1/", 7 as never)).rejects.toThrow(
      "options: must be an object",
    );

    async function built(given: unknown): Promise<unknown> {
      await Promise.resolve();
      return buildWeb(given as never);
    }
  });

  it("says everything that is wrong before it starts", async () => {
    await expect(
      openWeb("ws://127.0.0.1/", { WebSocket, config: { backoff: { factor: 0 } } }),
    ).rejects.toThrow("backoff.factor");
    expect(
      await wsErrorOf(
        buildWeb({ WebSocket }).connect({ url: "http://x/", protocols: [], headers: {} }),
      ),
    ).toMatchObject({
      code: "URL_INVALID",
    });
  });
});
