import { Duplex } from "node:stream";
import { LeafRecorder } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { DirectSocket } from "../../src/direct/direct-socket.js";
import type { FrameSocket, FrameSocketEvents } from "../../src/leaf/frame-socket.js";
import { LeafConnection } from "../../src/leaf/leaf-connection.js";
import { InflateBudget } from "../../src/direct/inflate-budget.js";
import { FrameEncoder } from "../../src/direct/frame-encoder.js";
import { wsErrorOf } from "../support/connections.js";
import { decodeClientFrame, frame, OP } from "../support/frames.js";
import { ManualTimer } from "../support/seams.js";

/** A stream that notes each call it gets from above: how many chunks went down in one. */
class Wire extends Duplex {
  readonly calls: number[] = [];
  readonly written: Buffer[] = [];

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.calls.push(1);
    this.written.push(chunk);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.calls.push(chunks.length);
    this.written.push(...chunks.map(({ chunk }) => chunk));
    done();
  }

  get opcodes(): (number | undefined)[] {
    return this.written.map((bytes) => decodeClientFrame(bytes)?.opcode);
  }
}

/** @param heard what to do on some events */
function open(heard: Partial<FrameSocketEvents> = {}): { socket: DirectSocket; wire: Wire } {
  const wire = new Wire();
  const options = {
    protocol: "",
    headers: {},
    tls: undefined,
    encoder: new FrameEncoder(),
    maxMessageBytes: 1000,
    validateUtf8: true,
    deflate: undefined,
    budget: InflateBudget.of(new ManualTimer()),
  };
  const socket = new DirectSocket({ stream: wire, ...options });
  const ignore = (): void => undefined;
  socket.listen({
    onRead: ignore,
    onMessage: ignore,
    onPing: ignore,
    onPong: ignore,
    onPeerClose: ignore,
    onViolation: ignore,
    onDropped: ignore,
    onStreamError: ignore,
    onStreamEnd: ignore,
    onGone: ignore,
    ...heard,
  });
  return { wire, socket };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("sending", () => {
  it("is over with the close frame", async () => {
    const { socket, wire } = open();
    const errors: (Error | null | undefined)[] = [];
    socket.close(1000, "");
    socket.close(1001, "");
    socket.send("late", { binary: false }, (error) => errors.push(error));
    socket.ping(Buffer.alloc(0), (error) => errors.push(error));
    await turn();
    expect(wire.opcodes).toEqual([OP.close]);
    expect(errors).toEqual([expect.any(Error), expect.any(Error)]);
  });
});

describe("a frame that cannot be allocated", () => {
  it("is FRAME_TOO_BIG, and nothing of it is written", async () => {
    const { socket, wire } = open();
    const cause = new RangeError("Invalid array buffer length");
    const stub: FrameSocket = Object.assign(Object.create(socket) as DirectSocket, {
      listen: () => undefined,
      send: () => {
        throw cause;
      },
    });
    const leaf = new LeafRecorder();
    const options = { timer: new ManualTimer(), closeTimeoutMs: 1 };
    new LeafConnection(stub, wire, { headers: {}, tls: undefined }, leaf, options).open();
    const error = await wsErrorOf(leaf.send("x"));
    expect(error).toMatchObject({ kind: "client", code: "FRAME_TOO_BIG", cause });
    expect(wire.written).toEqual([]);
  });
});

describe("receiving", () => {
  it("tells nothing after terminate(), not even the rest of the read", async () => {
    const got: string[] = [];
    let gone = (_code: number): void => undefined;
    const closed = new Promise<number>((resolve) => {
      gone = resolve;
    });
    const { socket, wire } = open({
      onMessage: (message) => {
        got.push(message.text());
        socket.terminate();
      },
      onGone: (code) => gone(code),
    });
    wire.push(Buffer.concat([frame(OP.text, "a"), frame(OP.text, "b")]));
    expect(await closed).toBe(1006);
    expect(got).toEqual(["a"]);
    expect(wire.listenerCount("data")).toBe(0);
  });

  it("answers a close frame once, before it tells of it, and ends the stream", async () => {
    const told: number[][] = [];
    const { socket, wire } = open({
      onPeerClose: (code) => {
        socket.close(1000, "");
        told.push([code, wire.written.length]);
      },
    });
    wire.push(frame(OP.close, Buffer.from([0x0f, 0xa1])));
    await turn();
    expect(told).toEqual([[4001, 1]]);
    expect(wire.opcodes).toEqual([OP.close]);
    expect(wire.writableEnded).toBe(true);
  });
});
