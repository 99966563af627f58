import { describe, expect, it } from "vitest";
import { fakeConnection, wsErrorOf } from "./support/connections.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("a send", () => {
  it("gives strings for text and bytes for binary, byte order mark included", async () => {
    const { connection, socket } = await fakeConnection();
    await connection.send("text");
    await connection.send(bytes("binary"));
    await connection.send({ kind: "text", data: bytes("\ufefftext") });
    await connection.send({ kind: "binary", data: bytes("binary") });
    expect(socket.sent).toEqual(["text", bytes("binary"), "\ufefftext", bytes("binary")]);
  });

  it("of text that is not UTF-8 is refused rather than changed", async () => {
    const { connection, socket } = await fakeConnection();
    const error = await wsErrorOf(
      connection.send({ kind: "text", data: Uint8Array.of(0x61, 0xff) }),
    );
    expect(error).toMatchObject({ kind: "client", code: "FRAME_INVALID" });
    expect(socket.sent).toEqual([]);
  });

  it.each(["ping", "pong"] as const)("of a %s is refused", async (kind) => {
    const { connection } = await fakeConnection();
    expect(connection.connection.controlFrames).toBe(false);
    const error = await wsErrorOf(connection.send({ kind, data: new Uint8Array(0) }));
    expect(error).toMatchObject({ kind: "client", code: "FRAME_INVALID" });
    expect(error.message).toContain(kind);
  });

  it("is refused when too much waits in the platform already", async () => {
    const { connection, socket } = await fakeConnection({ maxBufferedBytes: 10 });
    socket.bufferedAmount = 6;
    expect(connection.connection.bufferedBytes).toBe(6);
    await connection.send("1234");
    expect(await wsErrorOf(connection.send("12345"))).toMatchObject({
      kind: "throttled",
      code: "SEND_QUEUE_FULL",
    });
    expect(await wsErrorOf(connection.send(bytes("12345")))).toMatchObject({
      code: "SEND_QUEUE_FULL",
    });
    expect(socket.sent).toEqual(["1234"]);
  });

  it("is refused while the socket is closing, which would take it and throw it away", async () => {
    const { connection, socket } = await fakeConnection();
    socket.readyState = 2;
    expect(await wsErrorOf(connection.send("lost"))).toMatchObject({
      kind: "connection",
      code: "NOT_CONNECTED",
    });
    expect(socket.sent).toEqual([]);
  });

  it("that the platform throws at is refused with the cause", async () => {
    const { connection, socket } = await fakeConnection();
    const cause = new TypeError("shared memory");
    Object.assign(socket, {
      send: () => {
        throw cause;
      },
    });
    expect(await wsErrorOf(connection.send("x"))).toMatchObject({
      code: "FRAME_INVALID",
      cause,
    });
  });
});
