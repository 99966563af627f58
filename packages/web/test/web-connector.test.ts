import { WebSocket as UndiciWebSocket } from "undici";
import { LeafRecorder } from "@oath-ws/testing";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { WebSocket as NpmWebSocket } from "ws";
import { webConnector } from "../src/web-connector.js";
import type { WebSocketConstructorLike } from "../src/web-socket-like.js";
import { handshake, startServer, wsErrorOf } from "./support/connections.js";
import { FakeWebSocket } from "./support/fake-web-socket.js";

const URL = "wss://user:canary@venue.test/feed?token=canary";

describe("what a platform's constructor is given", () => {
  it("is URL and subprotocols, as in every browser", () => {
    void LeafRecorder.connect(
      webConnector({ WebSocket: FakeWebSocket }),
      handshake(URL, { protocols: ["v2", "v1"] }),
    );
    expect(FakeWebSocket.last.args).toEqual([URL, ["v2", "v1"]]);
    expect(FakeWebSocket.last.binaryType).toBe("arraybuffer");
  });

  it("is an object with headers only where there are any", () => {
    const connector = webConnector({ WebSocket: FakeWebSocket, headersSupported: true });
    void LeafRecorder.connect(connector, handshake(URL, { headers: { "X-Key": "k" } }));
    expect(FakeWebSocket.last.args).toEqual([URL, { protocols: [], headers: { "X-Key": "k" } }]);
    void LeafRecorder.connect(connector, handshake(URL));
    expect(FakeWebSocket.last.args).toEqual([URL, []]);
  });

  it("accepts the constructors of browsers, undici and npm ws", () => {
    expectTypeOf<typeof globalThis.WebSocket>().toExtend<WebSocketConstructorLike>();
    expectTypeOf<typeof UndiciWebSocket>().toExtend<WebSocketConstructorLike>();
    expectTypeOf<typeof NpmWebSocket>().toExtend<WebSocketConstructorLike>();
  });
});

describe("a handshake that cannot be made", () => {
  it("with headers is refused before anything is dialled, and no value is shown", async () => {
    const before = FakeWebSocket.made.length;
    const connecting = LeafRecorder.connect(
      webConnector({ WebSocket: FakeWebSocket }),
      handshake(URL, { headers: { authorization: "canary" } }),
    );
    const error = await wsErrorOf(connecting);
    expect(error).toMatchObject({ kind: "client", code: "HANDSHAKE_OPTIONS_INVALID" });
    expect(error.message).toContain("request headers");
    expect(error.message).not.toContain("canary");
    expect(FakeWebSocket.made).toHaveLength(before);
  });

  it("for want of a headers object is refused", async () => {
    const connecting = LeafRecorder.connect(
      webConnector({ WebSocket: FakeWebSocket }),
      handshake(URL, { headers: undefined as never }),
    );
    expect(await wsErrorOf(connecting)).toMatchObject({ code: "HANDSHAKE_OPTIONS_INVALID" });
  });

  it("because the platform throws is refused without the platform's text", async () => {
    const connecting = LeafRecorder.connect(
      webConnector({ WebSocket: UndiciWebSocket }),
      handshake(URL, { protocols: ["no token: canary"] }),
    );
    const error = await wsErrorOf(connecting);
    expect(error).toMatchObject({ kind: "client", code: "HANDSHAKE_OPTIONS_INVALID" });
    expect(error.message).toBe(
      "cannot connect to wss://venue.test: the platform refused the handshake (SyntaxError)",
    );
    expect(error.cause).toBeUndefined();
  });
});

describe("a handshake that fails", () => {
  it("has no status and no secret", async () => {
    const connecting = LeafRecorder.connect(
      webConnector({ WebSocket: FakeWebSocket }),
      handshake(URL),
    );
    FakeWebSocket.last.emit("error", { message: `WebSocket connection to '${URL}' failed` });
    FakeWebSocket.last.closed(1006, "", false);
    const error = await wsErrorOf(connecting);
    expect(error).toMatchObject({ kind: "connection", code: "CONNECT_FAILED" });
    expect(error.message).toBe(
      "cannot connect to wss://venue.test: the platform does not tell why",
    );
    expect(error.cause).toBeUndefined();
  });

  it("on a platform that lets a missing subprotocol pass is refused all the same, and the socket given up", async () => {
    const connecting = LeafRecorder.connect(
      webConnector({ WebSocket: FakeWebSocket }),
      handshake(URL, { protocols: ["v1"] }),
    );
    FakeWebSocket.last.open();
    expect(await wsErrorOf(connecting)).toMatchObject({
      kind: "client",
      code: "SUBPROTOCOL_REFUSED",
    });
    expect(FakeWebSocket.last.closes).toHaveLength(1);
  });

  it("is given up on abort, and what the socket does afterwards is ignored", async () => {
    const controller = new AbortController();
    const connecting = LeafRecorder.connect(
      webConnector({ WebSocket: FakeWebSocket }),
      handshake(URL),
      {
        signal: controller.signal,
      },
    );
    controller.abort(new Error("changed my mind"));
    await expect(connecting).rejects.toThrow("changed my mind");
    expect(FakeWebSocket.last.closes).toHaveLength(1);
    FakeWebSocket.last.open();
    FakeWebSocket.last.closed(1006, "", false);
  });
});

describe("on a real socket", () => {
  it("carries headers where the constructor can", async () => {
    const server = await startServer();
    const connector = webConnector({ WebSocket: UndiciWebSocket, headersSupported: true });
    const connection = await LeafRecorder.connect(
      connector,
      handshake(server.url, { headers: { "x-key": "k" } }),
    );
    (await server.socket(0)).send("hello");
    expect(await connection.source.readable()).toBe(true);
    connection.destroy();
  });
});
