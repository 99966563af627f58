import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket as TcpSocket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { WebSocket } from "ws";
import type { ReconnectingWebSocket as Socket } from "../../../src/websocket/index.js";
import { startServer, tcpOf, thrownBy } from "../support/server.js";
import type { Platform } from "./platform.js";

/** The next message at the server's end. */
async function received(peer: WebSocket): Promise<{ data: string; isBinary: boolean }> {
  const [data, isBinary] = (await once(peer, "message")) as [Buffer, boolean];
  return { data: data.toString(), isBinary };
}

/** What a `ReconnectingWebSocket` promises on every platform. */
export function reconnectingSuite(platform: Platform): void {
  const { ReconnectingWebSocket, connect, transports } = platform;

  describe("a socket", () => {
    it("has the shape of a standard one", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      expect([ReconnectingWebSocket.CONNECTING, ReconnectingWebSocket.OPEN]).toEqual([0, 1]);
      expect([socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED]).toEqual([0, 1, 2, 3]);
      expect(socket).toMatchObject({
        readyState: 0,
        url: server.url,
        protocol: "",
        extensions: "",
        bufferedAmount: 0,
        retryCount: 0,
      });
      expect(socket.lifecycle.snapshot.phase).toBe("connecting");
      const { epoch, isReconnect } = await story.nth("open");
      expect({ epoch, isReconnect, readyState: socket.readyState }).toEqual({
        epoch: 1,
        isReconnect: false,
        readyState: 1,
      });
      expect(socket.lifecycle.snapshot.phase).toBe("connected");
    });

    it("has an identity and figures from the first moment to after the last", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url, { name: "quotes" });
      const { id, name } = socket;
      expect([id, name]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), "quotes"]);
      expect(socket.stats()).toMatchObject({ connection: { id, name }, phase: "connecting" });
      (await server.socket(0)).send("12345");
      await story.nth("message");
      expect(socket.stats()).toMatchObject({ phase: "connected", totalReceivedBytes: 5 });
      socket.close();
      await story.nth("close");
      expect(socket.stats()).toMatchObject({ connection: { id }, phase: "closed", epoch: 1 });
      const unnamed = connect(server.url).socket;
      const second = connect(server.url).socket;
      expect(second.name).toBe(`${unnamed.name}#2`);
      expect(unnamed.name).toBe(new URL(server.url).host);
    });

    it("offers subprotocols and headers, and tells which subprotocol was chosen", async () => {
      const server = await startServer({ handleProtocols: (offered) => [...offered][1] ?? false });
      const { socket, story } = connect(server.url, { headers: { "x-key": "k" } }, ["v2", "v1"]);
      await story.nth("open");
      expect(socket.protocol).toBe("v1");
      const { headers } = server.requests[0]!;
      expect(headers["x-key"]).toBe("k");
      expect(headers["sec-websocket-protocol"]?.split(/, ?/)).toEqual(["v2", "v1"]);
    });

    it("hands messages over with their place in the stream", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      const peer = await server.socket(0);
      peer.send("text");
      peer.send(Buffer.from("bytes"));
      const text = await story.nth("message", 1);
      const binary = await story.nth("message", 2);
      expect(text).toMatchObject({ type: "message", data: "text", epoch: 1, seq: 1 });
      expect(text.receivedAt).toBeGreaterThan(0);
      expect(binary.data).toBeInstanceOf(ArrayBuffer);
      expect(Buffer.from(binary.data as ArrayBuffer).toString()).toBe("bytes");
      socket.binaryType = "blob";
      socket.binaryType = "nothing" as never;
      expect(socket.binaryType).toBe("blob");
      peer.send(Buffer.from("later"));
      const blob = (await story.nth("message", 3)).data as Blob;
      expect(blob).toBeInstanceOf(Blob);
      expect(await blob.text()).toBe("later");
    });

    it("has on-properties beside its listeners", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      const order: string[] = [];
      expect(socket.onmessage).toBeNull();
      socket.onmessage = () => order.push("replaced");
      socket.addEventListener("message", { handleEvent: () => order.push("listener") });
      const never = (): void => void order.push("removed");
      socket.addEventListener("message", never);
      socket.removeEventListener("message", never);
      socket.addEventListener("message", () => order.push("once"), { once: true });
      const onmessage = (): void => void order.push("property");
      socket.onmessage = onmessage;
      expect(socket.onmessage).toBe(onmessage);
      for (const type of ["open", "close", "error"] as const) {
        const handler = (): void => void order.push(type);
        socket[`on${type}`] = handler;
        expect(socket[`on${type}`]).toBe(handler);
      }
      (await server.socket(0)).send("1");
      await story.nth("message", 1);
      expect(order).toEqual(["open", "property", "listener", "once"]);
      socket.onmessage = "nothing" as never;
      (await server.socket(0)).send("2");
      await story.nth("message", 2);
      expect(order).toEqual(["open", "property", "listener", "once", "listener"]);
      (await server.socket(0)).terminate();
      await story.nth("open", 2);
      expect(order.slice(5)).toEqual(["error", "close", "open"]);
    });

    it.each([
      ["a string", "text", { data: "text", isBinary: false }],
      [
        "an ArrayBuffer",
        new TextEncoder().encode("buffer").buffer,
        { data: "buffer", isBinary: true },
      ],
      ["a view", Buffer.from("a view").subarray(2), { data: "view", isBinary: true }],
      ["null", null, { data: "null", isBinary: false }],
      ["a number", 1, { data: "1", isBinary: false }],
      ["undefined", undefined, { data: "undefined", isBinary: false }],
      ["an object", { toString: () => "text" }, { data: "text", isBinary: false }],
      [
        "a DataView",
        new DataView(new TextEncoder().encode("a data view").buffer, 2, 4),
        { data: "data", isBinary: true },
      ],
    ])("sends %s", async (_, data, expected) => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      await story.nth("open");
      const message = received(await server.socket(0));
      socket.send(data as string);
      expect(socket.bufferedAmount).toBe(expected.data.length);
      expect(await message).toEqual(expected);
      expect(socket.bufferedAmount).toBe(0);
    });
  });

  describe("close()", () => {
    it("sends code and reason, ends messages at once, and is told last", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      await story.nth("open");
      const peer = await server.socket(0);
      const closed = once(peer, "close") as Promise<[number, Buffer]>;
      peer.send("too late");
      socket.close(3001, "enough");
      socket.close(3002, "again");
      expect(socket.readyState).toBe(socket.CLOSING);
      const event = await story.nth("close");
      expect(event).toMatchObject({
        code: 3001,
        reason: "enough",
        wasClean: true,
        epoch: 1,
        willReconnect: false,
      });
      expect(event.cause).toBeUndefined();
      expect(socket.readyState).toBe(socket.CLOSED);
      const [code, reason] = await closed;
      expect([code, reason.toString()]).toEqual([3001, "enough"]);
      expect(story.words).toEqual(["open 1", "close 3001"]);
      expect(socket.lifecycle.snapshot.phase).toBe("closed");
    });

    it.each([
      ["no code", undefined, undefined, 1005, ""],
      ["1000 for a reason alone", undefined, "why", 1000, "why"],
      ["a code that is a string", "3000", undefined, 3000, ""],
      ["a code that is rounded to the even neighbour", 3000.5, undefined, 3000, ""],
      ["a reason that is not well-formed", 1000, "\ud800", 1000, "\ufffd"],
    ])("sends %s", async (_, code, reason, sent, text) => {
      for (const options of transports) {
        const server = await startServer();
        const { socket, story } = connect(server.url, options);
        await story.nth("open");
        const closed = once(await server.socket(0), "close") as Promise<[number, Buffer]>;
        socket.close(code as number, reason);
        const [gotCode, gotReason] = await closed;
        expect([gotCode, gotReason.toString()]).toEqual([sent, text]);
        expect(await story.nth("close")).toMatchObject({
          code: sent,
          reason: text,
          wasClean: true,
        });
      }
    });

    it("while connecting ends it without a handshake, and with an error event", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      socket.close();
      expect(await story.nth("close")).toMatchObject({
        code: 1006,
        wasClean: false,
        epoch: 0,
        willReconnect: false,
      });
      expect(story.words).toEqual(["error SHUT_DOWN", "close 1006"]);
    });

    it("while an attempt is under way gives that up", async () => {
      const server = createServer();
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      onTestFinished(() => void server.close());
      const { port } = server.address() as AddressInfo;
      const { socket } = connect(`ws://127.0.0.1:${port}/`);
      const [peer] = (await once(server, "connection")) as [TcpSocket];
      peer.on("error", () => undefined);
      const gone = once(peer, "close");
      // The request is read, and never answered.
      await once(peer, "data");
      socket.close();
      await gone;
    });

    it("in the listener that hears of a loss leaves only the end to tell", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      socket.addEventListener("error", () => socket.close());
      // FIN without a close frame; for an RST the kernel chooses between two errors.
      tcpOf(await server.socket(0)).end();
      expect(await story.nth("close")).toMatchObject({
        code: 1006,
        wasClean: false,
        willReconnect: false,
      });
      expect(story.words).toEqual(["open 1", "error SOCKET_LOST", "error SHUT_DOWN", "close 1006"]);
    });

    it("is not clean when the connection was lost, though that was not told yet", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      await story.nth("open");
      (await server.socket(0)).terminate();
      while (socket.lifecycle.snapshot.downSince === undefined) await socket.lifecycle.changed();
      socket.close();
      expect(await story.nth("close")).toMatchObject({ wasClean: false });
    });

    it("is bounded when the peer does not answer, and then not clean", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url, { config: { shutdown: { timeoutMs: 20 } } });
      await story.nth("open");
      (await server.socket(0)).pause();
      socket.close();
      expect(await story.nth("close")).toMatchObject({ code: 1006, wasClean: false });
    });

    it.each([
      [1001, "", "InvalidAccessError"],
      [1005, "", "InvalidAccessError"],
      [null, "", "InvalidAccessError"],
      [2 ** 16 + 1000, "", "InvalidAccessError"],
      [Number.NaN, "", "InvalidAccessError"],
      [1000, "x".repeat(124), "SyntaxError"],
    ])("refuses code %s with a reason of %s", async (code, reason, name) => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      await story.nth("open");
      const error = thrownBy(() => socket.close(code as number, reason));
      expect(error).toBeInstanceOf(DOMException);
      expect(error).toMatchObject({ name, cause: { code: "FRAME_INVALID" } });
      expect(socket.readyState).toBe(socket.OPEN);
    });

    it("happens at the end of await using", async () => {
      const server = await startServer();
      let ended: Socket;
      {
        await using socket = new ReconnectingWebSocket(server.url, [], transports[0]);
        ended = socket;
      }
      expect(ended.lifecycle.snapshot.phase).toBe("closed");
    });
  });

  describe("reconnect()", () => {
    it("makes a new connection at once", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      await story.nth("open");
      socket.reconnect(1000, "no data");
      expect((await story.nth("close")).cause).toMatchObject({
        code: "FORCED",
        message: "a reconnect was forced: no data",
      });
      expect(await story.nth("open", 2)).toMatchObject({ epoch: 2, isReconnect: true });
      expect(story.words).toEqual(["open 1", "close 1006", "open 2"]);
    });

    it("is refused once it is over", async () => {
      const server = await startServer();
      const { socket, story } = connect(server.url);
      socket.close();
      expect(thrownBy(() => socket.reconnect())).toMatchObject({
        name: "InvalidStateError",
        cause: { code: "SHUT_DOWN" },
      });
      await story.nth("close");
      expect(thrownBy(() => socket.reconnect())).toMatchObject({
        name: "InvalidStateError",
        cause: { code: "SHUT_DOWN" },
      });
    });
  });
}
