import type { ReceivedFrame } from "@oath-ws/contract";
import { acceptWith, refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { codeOf, watch } from "./support/outcome.js";
import { startReader } from "./support/reader.js";
import { Rig, sendNumbers, takeAll, texts } from "./support/rig.js";

/** How many frames are missing in front of and between these. */
function holes(frames: readonly ReceivedFrame[]): number {
  return frames.reduce((sum, frame, i) => sum + frame.seq - (frames[i - 1]?.seq ?? 0) - 1, 0);
}

describe("the source", () => {
  it("survives reconnects: one loop reads every epoch", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const reader = startReader(connection, rig.world);
    for (let epoch = 1; epoch <= 5; epoch++) {
      rig.peer.text(`in ${epoch}`);
      await rig.world.run(60_000);
      rig.peer.reset();
      await rig.untilEpoch(connection, epoch + 1);
    }
    expect(texts(reader.frames)).toEqual(["in 1", "in 2", "in 3", "in 4", "in 5"]);
    expect(reader.frames.map(({ epoch, seq }) => [epoch, seq])).toEqual(
      [1, 2, 3, 4, 5].map((n) => [n, n]),
    );
    expect(reader.state).toBe("reading");
  });

  it("ends on shutdown, for a waiting loop and for a waiting readable()", async () => {
    for (const way of ["loop", "readable"] as const) {
      const rig = new Rig();
      const connection = await rig.up();
      const loop = way === "loop" ? startReader(connection, rig.world) : undefined;
      const readable = way === "readable" ? watch(connection.source.readable()) : undefined;
      await rig.world.complete(connection.control.shutdown());
      await rig.world.settle();
      if (loop !== undefined) expect(loop.state).toBe("ended");
      if (readable !== undefined)
        expect(readable).toMatchObject({ state: "resolved", value: false });
    }
  });

  it("throws what ended the connection only after the frames that came before it", async () => {
    const rig = new Rig({ config: { attempts: { permanentRetries: 0 } } });
    const connection = await rig.up();
    sendNumbers(rig.peer, 1, 3);
    rig.leaf.otherwise = refuse({ status: 401 });
    rig.peer.reset();
    await rig.untilPhase(connection, "unrecoverable");
    const reader = startReader(connection, rig.world);
    await rig.world.settle();
    expect(texts(reader.frames)).toEqual(["1", "2", "3"]);
    expect(reader).toMatchObject({ state: "failed", error: { status: 401 } });
  });

  it("is released by a break, which leaves the connection and the frames alone", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const { snapshot } = connection.lifecycle;
    sendNumbers(rig.peer, 1, 6);
    await rig.world.settle();
    const seen: string[] = [];
    for (let round = 0; round < 3; round++) {
      for await (const frame of connection.source) {
        seen.push(frame.text());
        if (Number(frame.text()) % 2 === 0) break;
      }
    }
    rig.peer.text("7");
    await rig.world.settle();
    expect(connection.source.take()?.text()).toBe("7");
    expect(seen).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(connection.lifecycle.snapshot).toBe(snapshot);
    await rig.world.complete(connection.sink.send("still up"));
  });

  it("is released by a throw in the loop's body", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    sendNumbers(rig.peer, 1, 2);
    const loop = async (): Promise<void> => {
      for await (const frame of connection.source) throw new Error(frame.text());
    };
    const failed = watch(loop());
    await rig.world.settle();
    expect(failed.reason).toMatchObject({ message: "1" });
    expect(texts(takeAll(connection))).toEqual(["2"]);
  });

  it("refuses a second reader, in every combination, and the first one notices nothing", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const { source } = connection;
    const first = startReader(connection, rig.world);
    await rig.world.settle();
    const second = startReader(connection, rig.world);
    const waiting = watch(source.readable());
    await rig.world.settle();
    expect(second).toMatchObject({
      state: "failed",
      error: { code: "READER_BUSY", kind: "client" },
    });
    expect(codeOf(waiting)).toBe("READER_BUSY");
    expect(() => source.take()).toThrow(expect.objectContaining({ code: "READER_BUSY" }));
    sendNumbers(rig.peer, 1, 3);
    await rig.world.settle();
    expect(texts(first.frames)).toEqual(["1", "2", "3"]);
  });

  it("refuses a second readable() and a loop while one waits", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const { source } = connection;
    const first = watch(source.readable());
    const second = watch(source.readable());
    expect(() => source[Symbol.asyncIterator]()).toThrow(
      expect.objectContaining({ code: "READER_BUSY" }),
    );
    rig.peer.text("x");
    await rig.world.settle();
    expect(first).toMatchObject({ state: "resolved", value: true });
    expect(codeOf(second)).toBe("READER_BUSY");
  });

  it("lets a wait be cancelled and stays usable", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const controller = new AbortController();
    const waiting = watch(connection.source.readable({ signal: controller.signal }));
    await rig.world.settle();
    const reason = new Error("later");
    controller.abort(reason);
    await rig.world.settle();
    expect(waiting).toMatchObject({ state: "rejected", reason });
    rig.peer.text("x");
    await expect(rig.world.complete(connection.source.readable())).resolves.toBe(true);
  });

  it("delivers data that comes in the same packet as the upgrade response, in every epoch", async () => {
    const frame = (text: string) =>
      ({ kind: "text", data: new TextEncoder().encode(text) }) as const;
    const rig = new Rig({
      otherwise: acceptWith([frame("a"), { kind: "ping", data: new Uint8Array() }, frame("b")]),
    });
    const connection = await rig.up();
    expect(texts(takeAll(connection))).toEqual(["a", "b"]);
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    expect(takeAll(connection).map(({ seq, epoch }) => [seq, epoch])).toEqual([
      [3, 2],
      [4, 2],
    ]);
    expect(rig.leaf.dials.length).toBe(2);
  });

  it("delivers what arrived just before the connection died", async () => {
    for (const end of ["reset", "close", "force"] as const) {
      const rig = new Rig();
      const connection = await rig.up();
      sendNumbers(rig.peer, 1, 100);
      if (end === "reset") rig.peer.reset();
      else if (end === "close") rig.peer.close(1001);
      else connection.trigger.forceReconnect();
      await rig.untilEpoch(connection, 2);
      expect(takeAll(connection)).toHaveLength(100);
      expect(connection.lifecycle.snapshot.totalLagged).toBe(0);
    }
  });
});

describe("a reader that is too slow", () => {
  it("loses the oldest frames first; the hole in seq is exactly totalLagged", async () => {
    const rig = new Rig({ config: { buffer: { maxFrames: 10 } } });
    const connection = await rig.up();
    sendNumbers(rig.peer, 1, 25);
    await rig.world.settle();
    const frames = takeAll(connection);
    expect(texts(frames)).toEqual(Array.from({ length: 10 }, (_, i) => `${i + 16}`));
    expect(holes(frames)).toBe(15);
    expect(connection.lifecycle.snapshot).toMatchObject({
      totalLagged: 15,
      totalLaggedBytes: 9 + 6 * 2,
    });
  });

  it("is bounded by bytes too, and the newest frame is always admitted", async () => {
    const rig = new Rig({
      config: { buffer: { maxBytes: 1_000 }, limits: { maxMessageBytes: 1_000 } },
    });
    const connection = await rig.up();
    for (const size of [400, 400, 300, 5_000]) rig.peer.binary(new Uint8Array(size));
    await rig.world.settle();
    const frames = takeAll(connection);
    expect(frames.map(({ seq, data }) => [seq, data.length])).toEqual([[4, 5_000]]);
    expect(connection.lifecycle.snapshot).toMatchObject({
      totalLagged: 3,
      totalLaggedBytes: 1_100,
    });
  });

  it("is told once a turn, in the trace and the snapshot, however many frames went", async () => {
    const rig = new Rig({ config: { buffer: { maxFrames: 1 } } });
    const connection = await rig.up();
    const snapshots: number[] = [];
    connection.lifecycle.subscribe(() => snapshots.push(connection.lifecycle.snapshot.totalLagged));
    await rig.world.settle();
    sendNumbers(rig.peer, 1, 1_000);
    await rig.world.run(100);
    sendNumbers(rig.peer, 1, 10);
    await rig.world.settle();
    expect(rig.traced("lag")).toMatchObject([{ frames: 999 }, { at: 100, frames: 10 }]);
    expect(snapshots).toEqual([999, 1_009]);
  });

  it("finds the whole account in order across epochs", async () => {
    const rig = new Rig({ config: { buffer: { maxFrames: 7 } } });
    const connection = await rig.up();
    const reader = startReader(connection, rig.world, 130);
    let sent = 0;
    for (let i = 0; i < 60; i++) {
      const count = (i * 7) % 23;
      for (let n = 0; n < count && rig.leaf.current !== undefined; n++) rig.peer.text(`${++sent}`);
      if (i % 9 === 8) rig.leaf.current?.reset();
      await rig.world.run(777);
    }
    await rig.world.run(10_000);
    await rig.world.complete(connection.control.shutdown());
    const { frames } = reader;
    expect(reader.state).toBe("ended");
    // The payloads were numbered as they were sent, so they must equal the places in the sequence.
    expect(frames.map((frame) => Number(frame.text()))).toEqual(frames.map(({ seq }) => seq));
    expect(frames.map(({ epoch }) => epoch)).toEqual(
      frames.map(({ epoch }) => epoch).toSorted((a, b) => a - b),
    );
    expect(holes(frames)).toBe(connection.lifecycle.snapshot.totalLagged);
    expect(frames.length + holes(frames)).toBe(sent);
    expect(holes(frames)).toBeGreaterThan(0);
    expect(new Set(frames.map(({ epoch }) => epoch)).size).toBeGreaterThan(5);
  });
});
