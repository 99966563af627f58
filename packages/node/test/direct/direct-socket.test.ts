import { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { DirectSocket } from "../../src/direct/direct-socket.js";
import { FrameEncoder } from "../../src/direct/frame-encoder.js";
import { decodeClientFrame, frame, OP } from "../support/frames.js";

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

function open(): { socket: DirectSocket; wire: Wire } {
  const wire = new Wire();
  const options = { protocol: "", encoder: new FrameEncoder(), maxMessageBytes: 1000, validateUtf8: true, deflate: undefined };
  return { wire, socket: new DirectSocket({ stream: wire, ...options }) };
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
    socket.ping(Buffer.alloc(0), undefined, (error) => errors.push(error));
    await turn();
    expect(wire.opcodes).toEqual([OP.close]);
    expect(errors).toEqual([expect.any(Error), expect.any(Error)]);
  });
});

describe("receiving", () => {
  it("tells nothing after terminate(), not even the rest of the read", async () => {
    const { socket, wire } = open();
    const got: string[] = [];
    socket.on("message", (message) => {
      got.push(message.text());
      socket.terminate();
    });
    const closed = new Promise<number>((resolve) => socket.on("close", resolve));
    wire.push(Buffer.concat([frame(OP.text, "a"), frame(OP.text, "b")]));
    expect(await closed).toBe(1006);
    expect(got).toEqual(["a"]);
    expect(wire.listenerCount("data")).toBe(0);
  });

  it("answers a close frame once, before it tells of it, and ends the stream", async () => {
    const { socket, wire } = open();
    const told = new Promise<number[]>((resolve) => {
      socket.on("conclude", (code) => {
        socket.close(1000, "");
        resolve([code, wire.written.length]);
      });
    });
    wire.push(frame(OP.close, Buffer.from([0x0f, 0xa1])));
    expect(await told).toEqual([4001, 1]);
    await turn();
    expect(wire.opcodes).toEqual([OP.close]);
    expect(wire.writableEnded).toBe(true);
  });
});
