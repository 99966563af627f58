import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DriverError } from "./driver-error.js";
import { DriverProcess } from "./driver-process.js";
import { PLAIN_DIALECT } from "./driver.js";
import { FAULTS } from "./fault.js";
import type { FaultId } from "./fault.js";
import { rowOf } from "./row.js";
import type { SoakRow } from "./row.js";
import { RunLog } from "./run-log.js";
import { STRIKES } from "./strike.js";
import { Venue } from "./venue/venue.js";

/** The feed runs for so many frames before anything happens: a client that has just come up is not yet in its stride. */
const FRAMES_BEFORE = 20;
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 20;
/** A client that is back is watched for so long: it may fall again. */
const SETTLE_MS = 3_000;
/** What was produced in the end has so long to arrive. */
const ARRIVE_MS = 500;

/** One client, one fault. */
export interface SoakRun {
  /** The path of the driver's module. */
  readonly driver: string;
  readonly fault: FaultId;
  /** How long the client is watched from the fault on, in milliseconds. */
  readonly watchMs: number;
}

/** Drives one client, in a process of its own, through one fault. Never rejects for what the client does. */
export async function runFault(run: SoakRun, signal: AbortSignal): Promise<SoakRow> {
  const name = basename(run.driver).replace(/\.[cm]?[jt]s$/, "");
  let driver: DriverProcess;
  try {
    driver = await DriverProcess.load(run.driver);
  } catch (error) {
    return unfit(name, run.fault, error);
  }
  const client = driver.facts.title ?? name;
  const venue = await Venue.start(driver.facts.dialect ?? PLAIN_DIALECT);
  const { notes } = driver.facts;
  const note = [notes.all, notes[run.fault]].filter((text) => text !== undefined).join("; ");
  try {
    const row = await watch(client, run, driver, venue, signal);
    return note === "" ? row : { ...row, note };
  } catch (error) {
    return unfit(client, run.fault, error);
  } finally {
    await driver.kill();
    await venue.stop();
  }
}

async function watch(
  client: string,
  { fault, watchMs }: SoakRun,
  driver: DriverProcess,
  venue: Venue,
  signal: AbortSignal,
): Promise<SoakRow> {
  const log = new RunLog();
  driver.listen((message) => log.note(message));
  driver.tell({ type: "start", url: venue.url });
  await until(() => log.received.size >= FRAMES_BEFORE || log.failure !== undefined, START_TIMEOUT_MS, signal);
  if (log.failure !== undefined) throw new DriverError(log.failure);
  if (log.received.size < FRAMES_BEFORE) throw new DriverError(`it brought ${log.received.size} frames of a feed that runs`);
  // The baseline of the memory.
  driver.tell({ type: "pace", slow: false });
  await sleep(ARRIVE_MS);
  const struckAt = performance.now();
  const lastBefore = venue.record.produced.length;
  await STRIKES[fault](venue, driver);
  const heals = FAULTS[fault].heals;
  const healedAt = heals === "never" ? undefined : heals === "at once" ? struckAt : performance.now();
  if (fault !== "slow-consumer") {
    const left = Math.max(0, struckAt + watchMs - performance.now());
    await until(() => healedAt !== undefined && log.arrivedAfter(lastBefore) !== undefined, left, signal);
    if (log.arrivedAfter(lastBefore) !== undefined) await pause(Math.min(SETTLE_MS, watchMs), signal);
  }
  driver.tell({ type: "stopSending" });
  await pause(ARRIVE_MS, signal);
  const lastDue = venue.record.produced.length;
  await pause(ARRIVE_MS, signal);
  await driver.answer("finished", { type: "finish" }).catch(() => undefined);
  return rowOf(client, fault, venue.record, log, { struckAt, healedAt, lastBefore, lastDue });
}

function unfit(client: string, fault: FaultId, error: unknown): SoakRow {
  if (!(error instanceof DriverError)) throw error;
  return {
    client,
    fault,
    unfit: error.message,
    attempts: 0,
    noticedMs: null,
    recoveredMs: null,
    lost: 0,
    announced: null,
    grownBytes: 0,
    unhandled: [],
  };
}

/** Waits for the condition, at most so long. */
async function until(condition: () => boolean, timeoutMs: number, signal: AbortSignal): Promise<void> {
  for (const end = performance.now() + timeoutMs; !condition() && performance.now() < end; ) await pause(POLL_MS, signal);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal });
}
