import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { SharedAttemptGate } from "oath-ws";
import { describe, expect, it, onTestFinished } from "vitest";

const BUILT = new URL("../../dist/index.js", import.meta.url).href;
const LIMIT = { max: 8, windowMs: 3_600_000 };
const URL_A = "wss://venue.test/";

/** Claims as often as the gate lets it, and tells how often that was. */
const PROGRAM = `
  const { workerData, parentPort } = require("node:worker_threads");
  import(${JSON.stringify(BUILT)}).then(({ SharedAttemptGate }) => {
    const gate = new SharedAttemptGate(workerData.memory);
    parentPort.once("message", ({ tries, provenUntil, limit, url }) => {
      let made = 0;
      for (let i = 0; i < tries; i++) {
        const now = performance.now();
        const ticket = gate.reserve({ url, limit, asked: false, provenUntil, now }, () => {});
        if (gate.claim(ticket, now)) made++;
        else gate.release(ticket, now);
      }
      const blockedForMs = gate.blockedUntil(url) - performance.now();
      parentPort.postMessage({ made, blockedForMs });
    });
    parentPort.postMessage("ready");
  });`;

interface Result {
  readonly made: number;
  readonly blockedForMs: number;
}

/** Runs the program in several threads at once. */
async function inThreads(
  memory: SharedArrayBuffer,
  count: number,
  provenUntil: number,
): Promise<readonly Result[]> {
  const workers = Array.from(
    { length: count },
    () => new Worker(PROGRAM, { eval: true, workerData: { memory } }),
  );
  onTestFinished(async () => void (await Promise.all(workers.map((one) => one.terminate()))));
  await Promise.all(workers.map((one) => once(one, "message")));
  return Promise.all(
    workers.map(async (one) => {
      one.postMessage({ tries: 50, provenUntil, limit: LIMIT, url: URL_A });
      const [result] = (await once(one, "message")) as [Result];
      return result;
    }),
  );
}

function attempt(gate: SharedAttemptGate, now: number, proven = true): boolean {
  const provenUntil = proven ? Infinity : -Infinity;
  const request = { url: URL_A, limit: LIMIT, asked: false, provenUntil, now };
  const ticket = gate.reserve(request, () => undefined);
  const made = gate.claim(ticket, now);
  if (!made) gate.release(ticket, now);
  return made;
}

describe("SharedAttemptGate", () => {
  it("keeps one budget over real threads, and the quarter of those that stood", async () => {
    const memory = SharedAttemptGate.memory();
    const unproven = await inThreads(memory, 3, -Infinity);
    expect(unproven.reduce((sum, { made }) => sum + made, 0)).toBe(6);
    const proven = await inThreads(memory, 3, Infinity);
    expect(proven.reduce((sum, { made }) => sum + made, 0)).toBe(2);
    expect(attempt(new SharedAttemptGate(memory), performance.now())).toBe(false);
  });

  it("shares a Retry-After, on the clock of each thread", async () => {
    const memory = SharedAttemptGate.memory();
    const now = performance.now();
    new SharedAttemptGate(memory).block(URL_A, now + 60_000, now);
    const [result] = await inThreads(memory, 1, Infinity);
    expect(result?.made).toBe(0);
    // The threads' clocks differ by their start; the block is the same moment.
    expect(result?.blockedForMs).toBeGreaterThan(0);
    expect(result?.blockedForMs).toBeLessThanOrEqual(60_000);
  });

  it("forgets attempts that left the window, and counts keys apart", () => {
    const memory = SharedAttemptGate.memory();
    const [one, other] = [new SharedAttemptGate(memory), new SharedAttemptGate(memory)];
    const times = Array.from({ length: 9 }, (_, i) => attempt(i % 2 === 0 ? one : other, i));
    expect(times).toEqual([...Array.from({ length: 8 }, () => true), false]);
    expect(attempt(one, LIMIT.windowMs)).toBe(true);
    expect(attempt(other, LIMIT.windowMs)).toBe(false);
    const apart = new SharedAttemptGate(memory, { key: () => "apart" });
    expect(attempt(apart, 10)).toBe(true);
  });

  it("goes on when a thread died with the lock in its hand", () => {
    const memory = SharedAttemptGate.memory();
    const gate = new SharedAttemptGate(memory);
    new Int32Array(memory, 0, 1)[0] = 1;
    expect(attempt(gate, 0)).toBe(true);
    expect(new Int32Array(memory, 0, 1)[0]).toBe(0);
  });

  it("refuses memory of another kind, and limits that it cannot count", () => {
    for (const memory of [new SharedArrayBuffer(64), new ArrayBuffer(64) as never])
      expect(() => new SharedAttemptGate(memory)).toThrow(TypeError);
    const gate = new SharedAttemptGate(SharedAttemptGate.memory());
    const request = {
      url: URL_A,
      limit: { max: 513, windowMs: 1 },
      asked: false,
      provenUntil: Infinity,
      now: 0,
    };
    expect(() => gate.reserve(request, () => undefined)).toThrow(/attempts\.max is 513/);
  });
});
