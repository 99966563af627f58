import type { Frame, Timer } from "@oath-ws/contract";
import { LeafRecorder } from "@oath-ws/testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { webConnector } from "../src/web-connector.js";
import { webTimer } from "../src/web-runtime.js";
import { fakeConnection, handshake, wsErrorOf } from "./support/connections.js";
import { FakeWebSocket } from "./support/fake-web-socket.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A clock of which only the timers matter. */
function manualTimer(): {
  readonly timer: Timer;
  readonly due: ReadonlySet<() => void>;
  fire(): void;
} {
  const due = new Set<() => void>();
  return {
    due,
    timer: {
      ...webTimer,
      schedule(_delayMs, run) {
        due.add(run);
        return () => due.delete(run);
      },
    },
    fire() {
      for (const run of due) run();
    },
  };
}

it("a connection without a subprotocol has an empty one, also where the platform has null", async () => {
  const connecting = LeafRecorder.connect(
    webConnector({ WebSocket: FakeWebSocket }),
    handshake("wss://venue.test/feed"),
  );
  FakeWebSocket.last.protocol = null;
  FakeWebSocket.last.open();
  const connection = await connecting;
  onTestFinished(() => connection.destroy());
  expect(connection.connection.protocol).toBe("");
});

describe("what arrives", () => {
  it("is bytes, whatever the platform makes of them", async () => {
    const { connection, socket } = await fakeConnection();
    socket.message("Grüße");
    socket.message(bytes("whole").buffer);
    socket.message(Buffer.from("a view of more").subarray(2, 6));
    const frames = [
      connection.source.take(),
      connection.source.take(),
      connection.source.take(),
    ] as Frame[];
    expect(frames.map(({ kind }) => kind)).toEqual(["text", "binary", "binary"]);
    expect(frames.map(({ data }) => Buffer.from(data).toString())).toEqual([
      "Grüße",
      "whole",
      "view",
    ]);
  });

  it("is memory of its own where it is empty: a platform may have one for all connections", async () => {
    const { connection, socket } = await fakeConnection();
    const shared = new ArrayBuffer(0);
    socket.message(shared);
    const first = connection.source.take();
    structuredClone(first?.data, { transfer: [first?.data.buffer as ArrayBuffer] });
    socket.message(shared);
    expect(connection.source.take()?.data).toEqual(new Uint8Array(0));
    expect(() => new Uint8Array(shared)).not.toThrow();
  });

  it.each([
    ["text, long in UTF-16", "x".repeat(9)],
    ["text, long in UTF-8 only", "ü".repeat(5)],
    ["binary", new ArrayBuffer(9)],
  ])("ends the connection when too big: %s", async (_, data) => {
    const { connection, socket } = await fakeConnection({ maxMessageBytes: 8 });
    socket.message("12345678");
    socket.message(data);
    socket.message("after");
    expect(connection.source.take()?.kind).toBe("text");
    const error = await wsErrorOf(connection.source.readable());
    expect(error).toMatchObject({ kind: "server", code: "MESSAGE_TOO_BIG" });
    expect(connection.end?.error).toBe(error);
    expect(socket.closes).toHaveLength(1);
  });

  it("ends the connection when the platform ignores the binary type: an empty message hides a loss", async () => {
    const { connection, socket } = await fakeConnection();
    socket.message(new Blob(["data"]));
    expect(await wsErrorOf(connection.source.readable())).toMatchObject({
      kind: "client",
      code: "FRAME_INVALID",
    });
  });
});

describe("the end", () => {
  it("with a closing handshake is the peer's close frame and a clean end", async () => {
    const { connection, socket } = await fakeConnection();
    socket.closed(4001, "bye ✓", true);
    const frame = connection.source.take();
    expect(frame).toMatchObject({ kind: "close", code: 4001 });
    expect(Buffer.from(frame!.data).toString()).toBe("bye ✓");
    expect(await connection.source.readable()).toBe(false);
    expect(connection.end?.error).toMatchObject({
      code: "PEER_CLOSED",
      close: { code: 4001, reason: "bye ✓" },
    });
  });

  it.each([
    [4003, 4003],
    [1006, 1006],
    // Deno.
    [0, 1006],
  ])("without one is a loss, and code %s is kept as %s", async (reported, code) => {
    const { connection, socket } = await fakeConnection();
    socket.closed(reported, "expired", false);
    const error = await wsErrorOf(connection.source.readable());
    expect(error).toMatchObject({
      kind: "connection",
      code: "SOCKET_LOST",
      close: { code, reason: "expired" },
    });
  });

  it("asked for is no failure, however the socket then dies", async () => {
    const { connection, socket } = await fakeConnection();
    const closing = connection.close(3000, "enough");
    expect(socket.closes).toEqual([[3000, "enough"]]);
    expect(connection.end).toBeUndefined();
    socket.closed(1006, "", false);
    await closing;
    expect(await connection.source.readable()).toBe(false);
    expect(connection.end).toEqual({ error: undefined });
  });

  it("comes after closeTimeoutMs when the peer does not answer, and late events are ignored", async () => {
    const { timer, fire } = manualTimer();
    const { connection, socket } = await fakeConnection({ timer });
    const closing = connection.close();
    fire();
    await closing;
    expect(await connection.source.readable()).toBe(false);
    socket.message("late");
    socket.closed(1000, "", true);
    expect(connection.source.take()).toBeUndefined();
  });

  it("leaves no timer behind", async () => {
    const { timer, due } = manualTimer();
    const { connection, socket } = await fakeConnection({ timer });
    const closing = connection.close();
    expect(due.size).toBe(1);
    socket.closed(1000, "", true);
    await closing;
    expect(due.size).toBe(0);
  });

  it("by destroy() is hard where the platform can", async () => {
    const { connection, socket } = await fakeConnection();
    const terminate = vi.fn<() => void>();
    Object.assign(socket, { terminate });
    connection.destroy();
    connection.destroy();
    expect(terminate).toHaveBeenCalledOnce();
    expect(socket.closes).toHaveLength(0);
  });

  it("survives a platform that throws when it is given up", async () => {
    const { connection, socket } = await fakeConnection();
    Object.assign(socket, {
      close: () => {
        throw new Error("a platform's fault");
      },
    });
    connection.destroy();
    expect(await connection.source.readable()).toBe(false);
  });
});
