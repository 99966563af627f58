import { constants, deflateRawSync } from "node:zlib";
import type { ReconnectingConnection } from "oath-ws";
import { stack } from "@oath-ws/resilience";
import { directConnector } from "oath-ws";
import { nodeNewId, nodeRandom, nodeSpawn } from "oath-ws/leaf";
import type { Timer } from "@oath-ws/contract";
import { VirtualTimer } from "@oath-ws/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { InflateBudget } from "../../src/direct/inflate-budget.js";
import { turn } from "../hostile/support/hostile-row.js";
import { connect, handshake } from "../support/connections.js";
import { frame, OP } from "../support/frames.js";
import { RawPeer, rawServer } from "../support/raw-server.js";
import type { RawServer } from "../support/raw-server.js";

const AGREED = ["Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover"];
const DEAD_MS = 3_000;
const COUNT = 200;

/** How long a turn of the loop takes, in milliseconds. */
const TURN_MS = 50;

/** A clock that the test moves, and that moves by itself each time it is looked at. */
class CostlyTimer implements Timer {
  readonly #virtual = new VirtualTimer();
  /** By how much a look moves it, in milliseconds. A message is looked at twice. */
  lookMs = 0;
  #looked = 0;

  now(): number {
    this.#looked += this.lookMs;
    return this.#virtual.now() + this.#looked;
  }

  wallNow(): number {
    return this.#virtual.wallNow() + this.#looked;
  }

  schedule(delayMs: number, run: () => void): () => void {
    return this.#virtual.schedule(Math.max(delayMs, TURN_MS), run);
  }

  /** Runs something whose looks move the clock, for as long as it runs. */
  costing(lookMs: number, run: () => void): void {
    this.lookMs = lookMs;
    run();
    this.lookMs = 0;
    this.#looked = 0;
  }

  advance(ms: number): void {
    this.#virtual.advance(ms);
  }
}

function message(text: string): Buffer {
  const data = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
  return frame(OP.text, data, { rsv: 4 });
}

/** As many as one read brings, of one size. */
const MESSAGES = Buffer.concat(Array.from({ length: COUNT }, (_, i) => message(String(100 + i))));
/** Of each, without the head. */
const PAYLOAD_BYTES = MESSAGES.length / COUNT - 2;

function connector(timer: Timer): ReturnType<typeof directConnector> {
  return directConnector({ timer, socket: { perMessageDeflate: true } });
}

async function open(
  timer: CostlyTimer,
  early: Uint8Array,
): Promise<{ connection: ReconnectingConnection; server: RawServer; peer: RawPeer }> {
  const server = await rawServer();
  const made = stack({
    leaf: connector(timer),
    timer,
    spawn: nodeSpawn,
    random: nodeRandom,
    newId: nodeNewId,
    config: {
      liveness: { probeAfterMs: 1_000, staleAfterMs: 2_000, deadAfterMs: DEAD_MS },
      backoff: { minMs: 1, maxMs: 1 },
    },
  });
  const opening = made.connect(handshake(server.url));
  const peer = new RawPeer(await server.next());
  await peer.upgrade(early, AGREED);
  const connection = await opening;
  onTestFinished(async () => {
    const ended = connection.control.shutdown({ timeoutMs: 0 });
    timer.advance(1);
    await ended;
  });
  return { connection, server, peer };
}

describe("messages that were read, and wait to be decompressed when the connection ends", () => {
  it("are told as dropped before the end, over a real socket", async () => {
    const timer = new CostlyTimer();
    timer.lookMs = 30;
    const server = await rawServer();
    const connecting = connect(connector(timer), server.url);
    await new RawPeer(await server.next()).upgrade(MESSAGES, AGREED);
    const leaf = await connecting;
    expect(await leaf.source.readable()).toBe(true);
    const told = leaf.log.filter((event) => event === "frame").length;
    leaf.destroy();
    const frames = COUNT - told;
    expect(frames).toBeGreaterThan(0);
    expect(leaf.droppedMessages).toEqual({ frames, bytes: frames * PAYLOAD_BYTES });
    expect(leaf.log.slice(-2)).toEqual(["dropped", "ended"]);
  });

  it("take their places in the stream, and count as lag with their compressed bytes", async () => {
    const timer = new CostlyTimer();
    timer.lookMs = 30;
    const { connection, server } = await open(timer, MESSAGES);
    expect(await connection.source.readable()).toBe(true);
    connection.trigger.forceReconnect();
    while (server.accepted.length < 2) {
      timer.advance(TURN_MS);
      await turn();
    }
    timer.lookMs = 0;
    await new RawPeer(await server.next()).upgrade(message("after"), AGREED);
    let last = 0;
    let taken = 0;
    for (let isOver = false; !isOver; ) {
      const frame = connection.source.take();
      if (frame === undefined) {
        // What waits for the budget of a turn gets another one.
        timer.advance(TURN_MS);
        await turn();
      } else {
        last = frame.seq;
        isOver = frame.epoch === 2;
        if (!isOver) taken++;
      }
    }
    const { totalLagged, totalLaggedBytes } = connection.lifecycle.snapshot;
    expect(last).toBe(COUNT + 1);
    expect(totalLagged).toBeGreaterThan(0);
    expect(taken + totalLagged).toBe(COUNT);
    expect(totalLaggedBytes).toBe(totalLagged * PAYLOAD_BYTES);
  });
});

it("a pause of ours for decompressing is not taken for the peer's silence", async () => {
  const timer = new CostlyTimer();
  const budget = InflateBudget.of(timer);
  /** Other connections use up every turn. */
  const spend = (): void => timer.costing(30, () => budget.measure(() => undefined, undefined));
  const others = 200;
  const { connection, peer } = await open(timer, message("first"));
  expect(await connection.source.readable()).toBe(true);
  expect(connection.source.take()?.text()).toBe("first");
  for (let i = 0; i < others; i++) budget.wait(() => spend());
  peer.socket.write(message("late"));
  for (let i = 1; i < others; i++) {
    timer.advance(TURN_MS);
    await turn();
    expect(connection.source.take()).toBeUndefined();
  }
  // Three times as long as the peer may be silent.
  expect(connection.lifecycle.snapshot).toMatchObject({ phase: "connected", staleCount: 0 });
  while (!peer.socket.destroyed && connection.source.take() === undefined) {
    timer.advance(TURN_MS);
    await turn();
  }
  expect(connection.lifecycle.snapshot).toMatchObject({ phase: "connected", epoch: 1 });
});
