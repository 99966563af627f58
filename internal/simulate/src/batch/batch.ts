import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Half } from "../core/plan.js";
import { hashOf } from "../core/trace.js";
import { simulationOf } from "../simulations.js";
import type { SeedOrder, SeedResult } from "./seed-result.js";

/** Seeds that a thread is told at once. */
const PORTION = 10;

export interface BatchOptions {
  readonly half: Half;
  readonly from: number;
  readonly seeds: number;
  readonly without?: readonly string[] | undefined;
  /** Default: as many as the machine has cores. */
  readonly threads?: number | undefined;
}

/** What became of a batch of seeds. */
export interface BatchResult {
  readonly half: Half;
  /** In the order of the seeds. */
  readonly results: readonly SeedResult[];
  readonly reached: ReadonlySet<string>;
  /** Situations that no seed reached, without those that cannot be. */
  readonly unreached: readonly string[];
  readonly traceHash: string;
  readonly virtualMs: number;
  readonly took: Took;
}

/** What a batch has cost, in milliseconds. */
export interface Took {
  readonly wallMs: number;
  /** Processor time of the whole process: every thread, with its start and its compiling. */
  readonly processorMs: number;
}

/** Runs seeds on all cores. */
export async function runBatch(options: BatchOptions): Promise<BatchResult> {
  const { half, from, seeds, without = [], threads = availableParallelism() } = options;
  const took = stopwatch();
  const orders: SeedOrder[] = [];
  for (let first = from; first < from + seeds; first += PORTION) {
    const length = Math.min(PORTION, from + seeds - first);
    orders.push({ half, seeds: Array.from({ length }, (_, i) => first + i), without });
  }
  const results: SeedResult[] = [];
  const count = Math.min(threads, orders.length);
  await Promise.all(Array.from({ length: count }, () => work(orders, results)));
  results.sort((one, other) => one.seed - other.seed);
  return summary(half, results, took());
}

/** What a list of results amounts to. */
export function summary(half: Half, results: readonly SeedResult[], took: Took): BatchResult {
  const { situations, impossible } = simulationOf(half);
  const reached = new Set(results.flatMap((result) => result.reached));
  return {
    half,
    results,
    reached,
    unreached: situations.filter((name) => !reached.has(name) && !impossible.has(name)),
    traceHash: hashOf(results.map(({ seed, hash }) => `${seed} ${hash}`)),
    virtualMs: results.reduce((sum, { virtualMs }) => sum + virtualMs, 0),
    took,
  };
}

/** Gives the function that tells what has been spent since. */
function stopwatch(): () => Took {
  const wall = performance.now();
  const processor = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(processor);
    return { wallMs: performance.now() - wall, processorMs: (user + system) / 1_000 };
  };
}

/** One thread: takes orders until none is left. */
function work(orders: SeedOrder[], results: SeedResult[]): Promise<void> {
  const worker = new Worker(new URL("./worker.js", import.meta.url));
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const order = orders.shift();
      if (order !== undefined) return worker.postMessage(order);
      void worker.terminate();
      resolve();
    };
    worker.on("message", (message: SeedResult | "done") => {
      if (message === "done") next();
      else results.push(message);
    });
    worker.on("error", reject);
    next();
  });
}
