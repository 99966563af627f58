import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";
import { NatsServer } from "../nats-server.js";
import { coreNats, naiveJetStream, throughRelay } from "./ways.js";
import type { Way } from "./ways.js";

const PAYLOAD_BYTES = 150;
/** What one turn of the event loop brings on a busy feed. */
const TURN_EVENTS = 50;
/**
 * Events that are on their way at most: a publisher that waits for none measures its own memory.
 */
const IN_FLIGHT = 10_000;
const RUN_MS = 3_000;
/** Events a second while latency is measured. */
const CALM_RATE = 400;

/** One line of the report. */
export interface BenchRow {
  readonly way: string;
  readonly readers: number;
  readonly eventsPerSecond: number;
  /** Processor time of publisher and readers together, which share a process, for one event. */
  readonly clientMicros: number;
  readonly serverMicros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

type Open = (
  url: string,
  readers: number,
  onEvent: (reader: number, payload: Uint8Array) => void,
) => Promise<Way>;

/** Measures the ways one after the other, over one server; everything is on loopback. */
export async function bench(print: (text: string) => void): Promise<readonly BenchRow[]> {
  await using server = await NatsServer.start();
  const rows: BenchRow[] = [];
  const plan: readonly (readonly [Open, number])[] = [
    [coreNats, 1],
    [naiveJetStream, 1],
    [throughRelay, 1],
    [throughRelay, 2],
    [throughRelay, 3],
    [throughRelay, 4],
  ];
  for (const [open, readers] of plan) {
    const row = await measure(server, open, readers);
    rows.push(row);
    print(JSON.stringify(row));
  }
  return rows;
}

async function measure(server: NatsServer, open: Open, readers: number): Promise<BenchRow> {
  const counts = Array.from({ length: readers }, () => 0);
  const latencies: number[] = [];
  let isTimed = false;
  await using way = await open(server.url, readers, (reader, payload) => {
    counts[reader] = (counts[reader] ?? 0) + 1;
    if (isTimed && reader === 0)
      latencies.push(performance.now() - Buffer.from(payload).readDoubleBE(0));
  });
  await pause(500);
  let sent = 0;
  const send = (events: number): void => {
    sent += events;
    way.publish(Array.from({ length: events }, payloadOf));
  };
  const slowest = (): number => Math.min(...counts);
  // Once for the compiler.
  await fill(500, send, () => sent - slowest());
  await until(() => slowest() >= sent);
  const before = { at: performance.now(), count: slowest(), cpu: process.cpuUsage() };
  const serverBefore = server.cpuMicros();
  await fill(RUN_MS, send, () => sent - slowest());
  await until(() => slowest() >= sent);
  const events = slowest() - before.count;
  const seconds = (performance.now() - before.at) / 1_000;
  const { user, system } = process.cpuUsage(before.cpu);
  const serverMicros = (server.cpuMicros() - serverBefore) / events;
  isTimed = true;
  for (let i = 0; i < CALM_RATE * 2; i++) {
    send(1);
    await pause(1_000 / CALM_RATE);
  }
  await until(() => slowest() >= sent);
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (part: number): number => round(sorted[Math.floor(sorted.length * part)] ?? 0);
  return {
    way: way.name,
    readers,
    eventsPerSecond: Math.round(events / seconds),
    clientMicros: round((user + system) / events),
    serverMicros: round(serverMicros),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

async function fill(
  forMs: number,
  send: (events: number) => void,
  inFlight: () => number,
): Promise<void> {
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    if (inFlight() < IN_FLIGHT) send(TURN_EVENTS);
    await turn();
  }
}

function payloadOf(): Uint8Array {
  const payload = Buffer.alloc(PAYLOAD_BYTES, 120);
  payload.writeDoubleBE(performance.now(), 0);
  return payload;
}

async function until(condition: () => boolean): Promise<void> {
  const limit = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > limit) throw new Error("events did not arrive within a minute");
    await turn();
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
