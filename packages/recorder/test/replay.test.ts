import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ReconnectingConnector } from "@oath-ws/contract";
import { stack } from "@oath-ws/resilience";
import { startBinanceSim } from "@oath-ws/sim";
import { accept, createWorld, MockConnector } from "@oath-ws/testing";
import type { World } from "@oath-ws/testing";
import { BinanceMarket } from "@oath-ws/venue-binance";
import type { MarketPayload } from "@oath-ws/venue-binance";
import type { Subscription, VenueRuntime } from "@oath-ws/venue-kit";
import { nodeRuntime } from "oath-ws";
import { describe, expect, it } from "vitest";
import { record, recordingConnector, replayConnector } from "../src/index.js";
import type { Recorder, ReplayOptions } from "../src/index.js";
import { controlsOf, entriesOf, filesIn, framesOf, tempDir } from "./support.js";

const HANDSHAKE = { url: "wss://venue.test/secret-path?key=secret", protocols: [], headers: {} };

function connectorOver(
  world: World,
  leaf: Parameters<typeof stack>[0]["leaf"],
): ReconnectingConnector {
  const { timer, spawn, random, newId } = world;
  return stack({ leaf, timer, spawn, random, newId });
}

/** Two epochs of a toy venue, recorded in virtual time while the sends go out. */
async function recorded(dir: string): Promise<void> {
  const world = createWorld();
  const leaf = new MockConnector(world, { otherwise: accept() });
  const connection = await world.complete(connectorOver(world, leaf).connect(HANDSHAKE));
  let recording: Promise<unknown> | undefined;
  // The recorder looks at its folder first, which is real I/O.
  await new Promise<void>((resolve) => {
    const wallNow = (): number => world.timer.wallNow();
    recording = record(connection, { dir, wallNow, onRecorder: () => resolve() });
  });
  leaf.current?.text('{"n":1}');
  await world.run(1_000);
  leaf.current?.binary(new Uint8Array([1, 2, 3]));
  leaf.current?.text("no json");
  await world.run(500);
  leaf.current?.close(4001, "maintenance");
  await world.runUntil(() => connection.lifecycle.snapshot.epoch === 2);
  leaf.current?.text('{"n":2}');
  await world.run(2_000);
  await world.complete(connection.control.shutdown());
  await recording;
}

interface Seen {
  readonly at: number;
  readonly epoch: number;
  readonly seq: number;
  readonly kind: string;
  readonly data: string;
}

async function replayed(
  files: readonly string[],
  speed: ReplayOptions["speed"],
): Promise<{
  readonly seen: readonly Seen[];
  readonly cause: string | undefined;
  readonly ms: number;
}> {
  const world = createWorld();
  const leaf = await replayConnector(files, { timer: world.timer, speed });
  const connection = await world.complete(connectorOver(world, leaf).connect(HANDSHAKE));
  const start = world.timer.now();
  const seen: Seen[] = [];
  const reading = (async () => {
    for await (const { receivedAt, epoch, seq, kind, data } of connection.source)
      seen.push({
        at: receivedAt - start,
        epoch,
        seq,
        kind,
        data: Buffer.from(data).toString("hex"),
      });
  })();
  await world.complete(leaf.ended);
  const ms = world.timer.now() - start;
  await world.run(0);
  const { cause } = connection.lifecycle.snapshot;
  await world.complete(connection.control.shutdown());
  await world.complete(reading);
  expect([world.timer.pendingCount, world.spawn.liveCount]).toEqual([0, 0]);
  return { seen, cause: cause?.close?.reason, ms };
}

describe("a recording", () => {
  it("is replayed with its frames, epochs, pauses and ends, at any speed, and shows no path", async () => {
    const dir = tempDir();
    await recorded(dir);
    const files = filesIn(dir);
    const entries = await entriesOf(files);
    const original = framesOf(entries);
    expect(original.map(({ epoch, seq }) => [epoch, seq])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 4],
    ]);
    expect(JSON.stringify(controlsOf(entries))).not.toContain("secret");
    const same = original.map(({ epoch, seq, kind, data }) => ({
      epoch,
      seq,
      kind,
      data: Buffer.from(data).toString("hex"),
    }));
    const [once, twice, max] = [
      await replayed(files, 1),
      await replayed(files, 10),
      await replayed(files, "max"),
    ];
    for (const { seen, cause } of [once, twice, max]) {
      expect(seen).toMatchObject(same);
      expect(cause).toBe("maintenance");
    }
    expect(once.seen[1]!.at - once.seen[0]!.at).toBeCloseTo(1_000, 3);
    expect(twice.seen[1]!.at - twice.seen[0]!.at).toBeCloseTo(100, 3);
    expect(max.seen[1]!.at - max.seen[0]!.at).toBe(0);
  });

  it("refuses dials behind its end with REPLAY_ENDED, and speeds that cannot work", async () => {
    const dir = tempDir();
    await recorded(dir);
    const world = createWorld();
    const leaf = await replayConnector(filesIn(dir), { timer: world.timer, speed: "max" });
    const events = {
      opened: () => undefined,
      read: () => undefined,
      frame: () => undefined,
      dropped: () => undefined,
      closed: () => undefined,
      ended: () => undefined,
    };
    for (const _ of [1, 2]) await world.complete(leaf.connect(HANDSHAKE, events));
    await expect(leaf.connect(HANDSHAKE, events)).rejects.toMatchObject({ code: "REPLAY_ENDED" });
    for (const speed of [0, -1, Number.NaN])
      await expect(replayConnector([], { timer: world.timer, speed })).rejects.toMatchObject({
        code: "CONFIG_INVALID",
      });
  });
});

const STREAMS = ["btcusdt@trade", "ethusdt@depth@100ms"] as const;

interface Result {
  readonly hex: string;
  readonly events: number;
  readonly gaps: number;
}

/** What an adapter made of a session: its events and gaps, without times. */
class EventDigest {
  readonly #texts = new Map<string, string[]>();
  events = 0;
  gaps = 0;

  async read(name: string, source: Subscription<MarketPayload>): Promise<void> {
    const texts: string[] = [];
    this.#texts.set(name, texts);
    for await (const { data, epoch, seq } of source) {
      this.events++;
      texts.push(JSON.stringify([epoch, seq, data]));
    }
    this.gaps += source.gapCount;
    for (const { fromSeq, toSeq, reason, epoch } of source.gaps)
      texts.push(JSON.stringify([fromSeq, toSeq, reason, epoch]));
  }

  get result(): Result {
    return { hex: this.#hex(), events: this.events, gaps: this.gaps };
  }

  #hex(): string {
    const hash = createHash("sha256");
    for (const name of [...this.#texts.keys()].sort())
      hash.update(`${name}\n${this.#texts.get(name)?.join("\n")}\n`);
    return hash.digest("hex");
  }
}

/** The simulator's session, with a drop in it, read through the real adapter and recorded. */
async function recordSession(dir: string): Promise<Result> {
  await using sim = await startBinanceSim({ market: { stepMs: 20 } });
  const recorders: Recorder[] = [];
  const runtime: VenueRuntime = {
    ...nodeRuntime,
    build: (settings) =>
      recordingConnector(nodeRuntime.build(settings), {
        dir,
        about: { venue: "binance", streams: STREAMS.join(",") },
        onRecorder: (recorder) => recorders.push(recorder),
      }),
  };
  const market = new BinanceMarket({
    runtime,
    url: sim.url,
    restUrl: sim.url.replace(/^ws/, "http"),
  });
  const digest = new EventDigest();
  const readings = STREAMS.map((name) => digest.read(name, market.subscribe(name)));
  const more = async (events: number): Promise<void> => {
    const enough = digest.events + events;
    while (digest.events < enough) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await more(15);
  sim.faults.gap({ symbol: "BTCUSDT", events: 2 });
  await more(15);
  sim.faults.dropConnections();
  await more(15);
  await market.shutdown();
  await Promise.all(readings);
  for (const recorder of recorders) await recorder.close();
  return digest.result;
}

async function replaySession(files: readonly string[]): Promise<Result> {
  const world = createWorld();
  const { timer, spawn, random, newId } = world;
  const leaf = await replayConnector(files, { timer });
  const runtime: VenueRuntime = {
    build: (settings) => stack({ ...settings, leaf, timer, spawn, random, newId }),
    timer,
    random,
    fetch: () => Promise.reject(new TypeError("a recording has no REST")),
  };
  const market = new BinanceMarket({ runtime, url: "ws://venue.test" });
  const digest = new EventDigest();
  const readings = STREAMS.map((name) => digest.read(name, market.subscribe(name)));
  await world.complete(leaf.ended);
  await world.run(0);
  await world.complete(market.shutdown());
  await world.complete(Promise.all(readings));
  return digest.result;
}

describe("a session of the simulated Binance, through the real adapter in virtual time", () => {
  it("gives the same events and gaps as it did live", async () => {
    const dir = tempDir();
    const live = await recordSession(dir);
    expect(live.events).toBeGreaterThanOrEqual(40);
    // What the venue left out, and what the reset cost.
    expect(live.gaps).toBeGreaterThanOrEqual(2);
    expect(await replaySession(filesIn(dir))).toEqual(live);
  });

  it("of the past gives the events that it gave then", async () => {
    const file = join(import.meta.dirname, "fixtures", "binance-session.jsonl");
    expect(await replaySession([file])).toEqual({
      hex: "6fe8d1d305f3669cf9d70e34fff16f5322b9c097ed90aa4d36bc751e0855d033",
      events: 42,
      gaps: 3,
    });
  });
});
