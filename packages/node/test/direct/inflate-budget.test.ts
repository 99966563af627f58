import { PassThrough } from "node:stream";
import { constants, deflateRawSync } from "node:zlib";
import type { Timer } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { DirectSocket } from "../../src/direct/direct-socket.js";
import { FrameEncoder } from "../../src/direct/frame-encoder.js";
import { InflateBudget } from "../../src/direct/inflate-budget.js";
import { messageDeflate } from "../../src/direct/message-deflate.js";
import { frame, OP } from "../support/frames.js";

/** A clock that moves by `costMs` with each message that is inflated, and turns when it is told. */
class TurnTimer implements Timer {
  readonly #due: (() => void)[] = [];
  #now = 0;

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return this.#now;
  }

  schedule(_delayMs: number, run: () => void): () => void {
    this.#due.push(run);
    return () => undefined;
  }

  work(ms: number): void {
    this.#now += ms;
  }

  /** One turn of the loop; returns whether there was anything to do. */
  turn(): boolean {
    const due = this.#due.splice(0);
    for (const run of due) run();
    return due.length > 0;
  }
}

interface Heard {
  readonly socket: DirectSocket;
  readonly stream: PassThrough;
  readonly got: string[];
  /** How many messages had come at each read, or end of a pause. */
  readonly reads: number[];
  readonly dropped: (readonly [frames: number, bytes: number])[];
}

/** A compressed connection on this clock. Each message costs 10 ms to inflate. */
function open(timer: TurnTimer): Heard {
  const stream = new PassThrough();
  const { inflate, deflate } = messageDeflate(
    { clientWindowBits: 15, serverKeepsContext: false },
    {},
    1000,
  );
  const slow = (data: Buffer): Buffer => {
    timer.work(10);
    return inflate(data);
  };
  const socket = new DirectSocket({
    stream,
    protocol: "",
    encoder: new FrameEncoder(),
    maxMessageBytes: 1000,
    validateUtf8: true,
    deflate: { inflate: slow, deflate },
    budget: InflateBudget.of(timer),
  });
  const got: string[] = [];
  const reads: number[] = [];
  const dropped: Heard["dropped"] = [];
  const ignore = (): void => undefined;
  socket.listen({
    onRead: () => reads.push(got.length),
    onMessage: (message) => got.push(message.text()),
    onPing: (data) => got.push(`ping ${data.toString()}`),
    onPong: ignore,
    onPeerClose: (code) => got.push(`close ${code}`),
    onViolation: ({ message }) => got.push(message),
    onDropped: (frames, bytes) => dropped.push([frames, bytes]),
    onStreamError: ignore,
    onStreamEnd: ignore,
    onGone: ignore,
  });
  return { socket, stream, got, reads, dropped };
}

function packed(text: string): Buffer {
  return deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

function messages(...texts: readonly string[]): Buffer {
  return Buffer.concat(texts.map((text) => frame(OP.text, packed(text), { rsv: 4 })));
}

describe("a read whose messages take longer to inflate than a turn may", () => {
  it("goes on in the turns that follow, in order, and reading waits for it", () => {
    const timer = new TurnTimer();
    const { socket, stream, got, reads } = open(timer);
    const bytes = Buffer.concat([messages("1", "2", "3", "4"), frame(OP.ping, "p"), messages("5")]);
    socket.read(bytes);
    expect(got).toEqual(["1", "2", "3"]);
    expect([stream.isPaused(), socket.isPaused]).toEqual([true, true]);
    timer.turn();
    expect(got).toEqual(["1", "2", "3", "4", "ping p", "5"]);
    expect([stream.isPaused(), socket.isPaused]).toEqual([false, false]);
    // Liveness counts the peer's silence from where we listen again.
    expect(reads).toEqual([0, 6]);
  });

  it("may be cut anywhere, and what comes after all gets behind it", () => {
    const bytes = Buffer.concat([messages("1", "2", "3", "4", "5", "6", "7"), frame(OP.close)]);
    for (let at = 0; at <= bytes.length; at++) {
      const timer = new TurnTimer();
      const { socket, got } = open(timer);
      // Memory that is lent is overwritten as soon as it is read.
      const lent = Buffer.from(bytes);
      socket.read(lent.subarray(0, at), at);
      lent.fill(0, 0, at);
      socket.read(lent.subarray(at), bytes.length - at);
      lent.fill(0);
      while (timer.turn());
      expect(got).toEqual(["1", "2", "3", "4", "5", "6", "7", "close 1005"]);
    }
  });

  it("leaves the budget of a turn to all connections together, and starves none", () => {
    const timer = new TurnTimer();
    const [a, b, c] = [open(timer), open(timer), open(timer)];
    const texts = ["1", "2", "3", "4", "5", "6"];
    for (const { socket } of [a, b]) socket.read(messages(...texts));
    expect([a.got.length, b.got.length]).toEqual([3, 0]);
    // One that is new gets behind those that wait.
    c.socket.read(messages("new"));
    timer.turn();
    expect([a.got.length, b.got.length, c.got.length]).toEqual([6, 0, 0]);
    timer.turn();
    expect([b.got.length, c.got.length]).toEqual([3, 0]);
    while (timer.turn());
    expect([b.got, c.got]).toEqual([texts, ["new"]]);
  });

  it("is told as dropped when the connection ends first, and nothing of it comes later", () => {
    for (const end of ["terminate", "gone"] as const) {
      const timer = new TurnTimer();
      const { socket, got, dropped } = open(timer);
      const first = messages("1", "2", "3", "first");
      const half = messages("half");
      const partial = half.subarray(0, half.length - 1);
      socket.read(Buffer.concat([first, frame(OP.ping, "p"), messages("second"), partial]));
      socket[end]();
      expect(dropped).toEqual([[2, packed("first").length + packed("second").length]]);
      while (timer.turn());
      expect(got).toEqual(["1", "2", "3"]);
      expect(dropped).toHaveLength(1);
    }
  });

  it("counts a message that an earlier read began", () => {
    const timer = new TurnTimer();
    const busy = open(timer);
    const { socket, dropped } = open(timer);
    const message = messages("a message that is cut");
    socket.read(message.subarray(0, 5));
    busy.socket.read(messages("1", "2", "3", "4"));
    socket.read(Buffer.concat([message.subarray(5), messages("next")]));
    socket.terminate();
    expect(dropped).toEqual([[2, packed("a message that is cut").length + packed("next").length]]);
  });
});

it("turns that use little of the time for inflating ask for no timer", () => {
  const timer = new TurnTimer();
  const budget = InflateBudget.of(timer);
  budget.measure(() => timer.work(1), undefined);
  expect(timer.turn()).toBe(false);
  budget.measure(() => timer.work(2), undefined);
  expect(timer.turn()).toBe(true);
});
