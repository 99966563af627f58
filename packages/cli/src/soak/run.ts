import { basename } from "node:path";
import { DriverError } from "./driver-error.js";
import { DriverProcess } from "./driver-process.js";
import { PLAIN_DIALECT } from "./driver.js";
import type { FaultId } from "./fault.js";
import type { DriverSkills } from "./messages.js";
import { rowOf } from "./row.js";
import type { DrivenRow, SkippedRow, SoakRow } from "./row.js";
import { RunLog } from "./run-log.js";
import { pause, STRIKES } from "./strike.js";
import { Venue } from "./venue/venue.js";

/**
 * The feed runs for so many frames before anything happens: a client that has just come up is not
 * yet in its stride.
 */
const FRAMES_BEFORE = 20;
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 20;
/** A client that is back is watched for so long: it may fall again. */
const SETTLE_MS = 3_000;
/** What was produced in the end has so long to arrive. */
const ARRIVE_MS = 500;

/** One client, one fault. */
export interface SoakRun {
  /** What the client is asked for by. */
  readonly name: string;
  /** The path of the driver's module. */
  readonly driver: string;
  readonly fault: FaultId;
  /** How long the client is watched from the fault on, in milliseconds. */
  readonly watchMs: number;
}

/**
 * Drives one client, in a process of its own, through one fault. Rejects only with the signal's
 * reason: what the client does is in the row.
 */
export async function runFault(run: SoakRun, signal: AbortSignal): Promise<SoakRow> {
  const { name, fault } = run;
  let client = basename(name).replace(/\.[cm]?[jt]s$/, "");
  const skip = (kind: SkippedRow["kind"], reason: string): SkippedRow => ({
    kind,
    name,
    client,
    fault,
    reason,
  });
  let driver: DriverProcess | undefined;
  let venue: Venue | undefined;
  try {
    driver = await DriverProcess.load(run.driver, signal);
    const { title, dialect, asksProvider } = driver.facts;
    client = title ?? client;
    if (fault === "provider" && !asksProvider) return skip("inapplicable", "it asks no provider");
    venue = await Venue.start(dialect ?? PLAIN_DIALECT);
    const log = new RunLog();
    driver.listen(
      (message) => log.note(message),
      (how) => log.noteEnd(how),
    );
    const { sends, renews } = await bringUp(driver, venue, log, signal);
    if (fault === "send-gap" && !sends)
      return skip("inapplicable", "it sends nothing of the application's");
    if ((fault === "renewal" || fault === "renewed-reset") && !renews)
      return skip("inapplicable", "it renews nothing");
    return await watch({ ...run, client }, driver, venue, log, signal);
  } catch (error) {
    if (error instanceof DriverError) return skip("unfit", error.message);
    throw error;
  } finally {
    await driver?.kill();
    await venue?.stop();
  }
}

/** Resolves when the client has brought the beginning of the feed. */
async function bringUp(
  driver: DriverProcess,
  venue: Venue,
  log: RunLog,
  signal: AbortSignal,
): Promise<DriverSkills> {
  const skills = await driver.ask(
    { type: "start", url: venue.url },
    "started",
    signal,
    START_TIMEOUT_MS,
  );
  await until(() => log.received.size >= FRAMES_BEFORE || isOver(log), START_TIMEOUT_MS, signal);
  checkFitness(venue, log);
  if (log.received.size < FRAMES_BEFORE) {
    const seen =
      `it brought ${log.received.size} frames of a feed that runs, in ` +
      `${START_TIMEOUT_MS / 1_000} s`;
    throw new DriverError([seen, ...log.unhandled.slice(0, 1)].join("; "));
  }
  return skills;
}

async function watch(
  { name, client, fault, watchMs }: SoakRun & { readonly client: string },
  driver: DriverProcess,
  venue: Venue,
  log: RunLog,
  signal: AbortSignal,
): Promise<DrivenRow> {
  // The baseline of the memory.
  driver.tell({ type: "pace", slow: false });
  await pause(ARRIVE_MS, signal);
  checkFitness(venue, log);
  const askedAt = performance.now();
  const struck = await STRIKES[fault]({ venue, driver, watchMs, signal });
  const { struckAt = askedAt, healedAt, backAfter, graceMs = 0, unsent = 0 } = struck;
  if (healedAt !== undefined) {
    const isBack = (): boolean => log.arrivedAfter(backAfter) !== undefined;
    const left = healedAt + watchMs + graceMs - performance.now();
    await until(() => isBack() || isOver(log), left, signal);
    if (isBack()) await pause(Math.min(SETTLE_MS, watchMs), signal);
  }
  driver.tell({ type: "stopSending" });
  await pause(ARRIVE_MS, signal);
  const lastDue = venue.record.produced;
  await pause(ARRIVE_MS, signal);
  if (log.ended === undefined) await finish(driver, log, signal);
  if (log.failure !== undefined) throw new DriverError(log.failure);
  if (log.highest > venue.record.produced) throw neverSent(log);
  const row = rowOf({ name, client, fault }, venue.record, log, {
    watchMs,
    struckAt,
    healedAt,
    backAfter,
    lastDue,
    unsent,
  });
  const { notes } = driver.facts;
  return { ...row, notes: [notes.all, notes[fault]].filter((text) => text !== undefined) };
}

/**
 * Gets the rest of its reports. To end or to hang is what a client does about a fault, and no
 * reason to leave it out.
 */
async function finish(driver: DriverProcess, log: RunLog, signal: AbortSignal): Promise<void> {
  try {
    await driver.ask({ type: "finish" }, "finished", signal);
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    log.noteEnd(error.message);
  }
}

function isOver(log: RunLog): boolean {
  return log.failure !== undefined || log.ended !== undefined;
}

/** Before the fault whatever goes wrong is the driver's. */
function checkFitness({ record }: Venue, log: RunLog): void {
  const reason = log.failure ?? log.ended;
  if (reason !== undefined) throw new DriverError(reason);
  if (log.highest > record.produced) throw neverSent(log);
}

function neverSent({ highest }: RunLog): DriverError {
  return new DriverError(`it reports frame ${highest}, which was never sent`);
}

/** Waits for the condition, at most so long. */
async function until(
  condition: () => boolean,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  for (const end = performance.now() + timeoutMs; !condition() && performance.now() < end; )
    await pause(POLL_MS, signal);
}
