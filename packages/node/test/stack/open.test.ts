import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { inspect } from "node:util";
import type { TraceEvent } from "oath-ws";
import { build, isConfigError, open, TRACE_CHANNEL } from "oath-ws";
import { describe, expect, it } from "vitest";
import { startServer } from "./support.js";

describe("open", () => {
  it("names every invalid setting at once", async () => {
    const failure = open("ws://127.0.0.1:1", {
      config: {
        liveness: { probeAfterMs: 5, staleAfterMs: 4 },
        buffer: { maxFrames: Number.NaN },
        bufer: {},
      } as never,
    });
    const error: unknown = await failure.catch((reason: unknown) => reason);
    expect(isConfigError(error) && error.issues.map(({ path }) => path).toSorted()).toEqual([
      "bufer",
      "buffer.maxFrames",
      "liveness.staleAfterMs",
    ]);
  });

  it.each([
    ["", /empty/],
    ["example.com/ws", /not absolute/],
    ["http://example.com", /scheme is "http:"/],
    ["ws://example.com/#part", /fragment/],
    ["ws://exa mple.com:99999/?token=canary", /cannot be parsed/],
  ])("refuses the URL %j before dialling, naming its fault", async (url, fault) => {
    const error: unknown = await open(url).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "URL_INVALID",
      kind: "client",
      message: expect.stringMatching(fault) as unknown,
    });
    expect(inspect(error)).not.toContain("canary");
  });

  it("rejects with the signal's reason and leaves nothing behind", async () => {
    const controller = new AbortController();
    // Port 1 on loopback refuses: without the signal this would be retried for ever.
    const opening = open("ws://127.0.0.1:1", { signal: controller.signal });
    controller.abort("changed my mind");
    await expect(opening).rejects.toBe("changed my mind");
    await expect(open("ws://127.0.0.1:1", { signal: controller.signal })).rejects.toBe(
      "changed my mind",
    );
  });

  it("returns at once with awaitFirst: false, and shutdown then ends the dialling", async () => {
    const feed = await open("ws://127.0.0.1:1", { awaitFirst: false });
    expect(feed.lifecycle.snapshot.phase).toBe("connecting");
    await feed.control.shutdown();
    expect(feed.lifecycle.snapshot.phase).toBe("closed");
  });

  it("offers subprotocols and sends headers", async () => {
    await using server = await startServer();
    const seen: (string | string[] | undefined)[] = [];
    server.server.on("connection", (_socket, request) => {
      seen.push(request.headers["x-key"], request.headers["sec-websocket-protocol"]);
    });
    await using feed = await open(server.url, {
      protocols: ["v2", "v1"],
      headers: { "X-Key": "k" },
    });
    expect(seen).toEqual(["k", "v2,v1"]);
    expect(feed.lifecycle.snapshot.phase).toBe("connected");
  });
});

describe("build", () => {
  it("makes independent connections from one connector", async () => {
    await using server = await startServer();
    const connector = build();
    const handshake = { url: server.url, protocols: [], headers: {} };
    await using a = await connector.connect(handshake);
    await using b = await connector.connect(handshake);
    await a.control.shutdown();
    await b.sink.send("alive");
    expect([a.lifecycle.snapshot.phase, b.lifecycle.snapshot.phase]).toEqual([
      "closed",
      "connected",
    ]);
  });
});

describe("tracing", () => {
  it("goes to the tracer and to the diagnostics channel, without secrets", async () => {
    await using server = await startServer();
    const own: TraceEvent[] = [];
    const published: unknown[] = [];
    const listen = (event: unknown): void => void published.push(event);
    subscribe(TRACE_CHANNEL, listen);
    const feed = await open(`${server.url}/?token=canary`, {
      headers: { authorization: "canary" },
      tracer: { trace: (event) => own.push(event) },
    });
    await feed.control.shutdown();
    unsubscribe(TRACE_CHANNEL, listen);
    expect(own.map(({ kind }) => kind)).toEqual([
      "attempt",
      "phase",
      "phase",
      "transition",
      "opened",
      "transition",
    ]);
    expect(published).toEqual(own);
    expect(inspect(own, { depth: 9 })).not.toContain("canary");
  });
});
