import { isWsError } from "@oath-ws/contract";
import { chai, expect } from "vitest";
import { MODEL_CONFIG, MODEL_URLS } from "./model-config.js";
import { ABORTED } from "./model.js";
import type { Model, SendRecord } from "./model.js";
import { codeOf } from "./outcome.js";

/**
 * Longer than every wait that the stack may impose at once: the pause after refusals, Retry-After,
 * gate, backoff, timeout, silence.
 */
const PATIENCE_MS = 60_000 + 30_000 + 10_000 + 5_000 + 2_000 + 6_000 + 5_000;

const NOT_SENT = [
  "NOT_CONNECTED",
  "SEND_QUEUE_FULL",
  "SEND_DEADLINE",
  "FRAME_INVALID",
  "FRAME_TOO_BIG",
  "SHUT_DOWN",
  "SINK_CLOSED",
];

/** With everything outside in order, the connection comes up by itself, and it works. */
export async function checkNotWedged(model: Model): Promise<void> {
  const { world } = model.rig;
  await world.settle();
  if (model.terminal) return;
  model.makePeace();
  await world.runUntil(() => model.terminal || model.healthy, PATIENCE_MS);
  if (model.terminal) return;
  const { connection } = model;
  // What was queued before may leave now, at the pace of the rate limit; and a shutdown may be
  // under way.
  await world.run(5_000);
  // A verdict on the peer as it was before may have come meanwhile, and neighbours may have used up
  // the gate.
  await world.runUntil(() => model.terminal || model.healthy, PATIENCE_MS);
  if (model.terminal) return;
  const before = connection?.lifecycle.lastDataAt ?? -1;
  model.frames(1, 4);
  await world.settle();
  expect(connection?.lifecycle.lastDataAt).toBeGreaterThan(before);
  // Slow loops come to their end, and leave the rest to the reader that takes it.
  model.readAll();
  await world.run(40_000);
  model.frames(1, 4);
  await world.settle();
  model.readAll();
  expect(connection?.lifecycle.isFresh(0)).toBe(true);
  const sent = connection?.sink.send("still here", { whileDown: "wait", deadlineMs: 60_000 });
  await world.complete(sent ?? Promise.reject(new Error("no handle")));
  model.look();
}

/** Ends the run, and checks that everything that was handed out has settled and nothing is left. */
export async function checkEnd(model: Model): Promise<void> {
  const { rig, connection } = model;
  const { world } = rig;
  await world.run(20_000);
  if (connection !== undefined)
    await world.complete(connection.control.shutdown(), MODEL_CONFIG.shutdown.timeoutMs);
  // Slow readers finish, and the model's own timers fire.
  await world.run(30_000);
  model.check();
  model.look();
  model.takeAll();
  // A reader that found something wrong ended with it, and says what it was.
  for (const { outcome } of model.promises)
    if (outcome.reason instanceof chai.AssertionError) throw outcome.reason;
  const pending = model.promises
    .filter(({ outcome }) => outcome.state === "pending")
    .map(({ name }) => name);
  expect(pending).toEqual([]);
  expect(world.timer.pendingCount).toBe(0);
  expect(rig.leaf.openSockets).toBe(0);
  expect(rig.traced("fault")).toEqual([]);
}

/**
 * Every frame that reached a live socket was delivered or counted, and the holes in `seq` are
 * exactly the count.
 */
export function checkFrames(model: Model): void {
  const { connection, delivered, arrived } = model;
  if (connection === undefined) return;
  const { totalLagged, epoch } = connection.lifecycle.snapshot;
  expect(delivered.length + totalLagged).toBe(arrived);
  const holes = delivered.reduce(
    (sum, { seq }, i) => sum + seq - (delivered[i - 1]?.seq ?? 0) - 1,
    0,
  );
  expect(holes).toBe(totalLagged);
  const accepted = model.rig.leaf.dials.filter(({ outcome }) => outcome === "accepted").length;
  // A trial's socket may be given up before it takes over.
  const trials = model.rig.traced("attempt").filter(({ isTrial }) => isTrial).length;
  expect(accepted).toBeGreaterThanOrEqual(epoch);
  expect(accepted).toBeLessThanOrEqual(epoch + trials);
}

/** Of sums of times that are compared with each other, in milliseconds. */
const ROUNDING_MS = 1e-6;

/**
 * No window holds more attempts than the gate allows, and none falls into a Retry-After, by the
 * time that passed, sleep included.
 */
export function checkAttempts(model: Model): void {
  const { max, windowMs } = MODEL_CONFIG.attempts;
  const { rig } = model;
  const attempts = rig
    .traced("attempt")
    .map((event) => ({ endpoint: event.endpoint, at: rig.elapsedAt(event) }));
  for (const [i, url] of MODEL_URLS.entries()) {
    const own = attempts.filter(({ endpoint }) => url.startsWith(endpoint)).map(({ at }) => at);
    const all = [...own, ...(i === 0 ? model.neighbours : [])].toSorted((a, b) => a - b);
    for (const [j, at] of all.entries()) {
      const later = all[j + max];
      if (later !== undefined) expect(later).toBeGreaterThan(at + windowMs - ROUNDING_MS);
    }
  }
  for (const failure of [...rig.traced("failure"), ...rig.traced("trialFailed")]) {
    const { retryAfterMs } = failure.error;
    if (retryAfterMs === undefined) continue;
    const from = rig.elapsedAt(failure);
    const until = from + retryAfterMs - ROUNDING_MS;
    const tooEarly = attempts.filter(
      ({ endpoint, at }) => endpoint === failure.endpoint && at > from && at < until,
    );
    expect(tooEarly).toEqual([]);
  }
}

/**
 * Every send is accounted for: it left at most once, in the epoch that it belongs to, and its
 * promise says so.
 */
export function checkSends(model: Model): void {
  const { max, windowMs } = MODEL_CONFIG.send.rateLimit;
  const { handovers } = model;
  for (const [i, { at, kind }] of handovers.entries()) {
    const earlier = handovers[i - max];
    // Control frames are charged but never delayed.
    if (kind === "text" && earlier !== undefined)
      expect(at).toBeGreaterThanOrEqual(earlier.at + windowMs);
  }
  // Answers to pings leave one slot of every window to the sends.
  const pongs = handovers.filter(({ kind }) => kind === "pong");
  for (const [i, { at }] of pongs.entries()) {
    const earlier = pongs[i - (max - 1)];
    if (earlier !== undefined) expect(at).toBeGreaterThanOrEqual(earlier.at + windowMs);
  }
  for (const send of model.sends) checkSend(model, send);
}

function checkSend(model: Model, send: SendRecord): void {
  const { text, what, epoch, up, outcome, deadlineMs = Number.POSITIVE_INFINITY } = send;
  const left = model.handovers.filter((handover) => handover.text === text);
  const label = `${what} ${text} called in epoch ${epoch} (up: ${up}): ${codeOf(outcome)}`;
  expect(left.length, label).toBeLessThanOrEqual(1);
  if (outcome.state === "resolved") expect(left, label).toHaveLength(1);
  if (outcome.reason === ABORTED || NOT_SENT.includes(codeOf(outcome))) {
    // The leaf itself refuses what comes after its socket's end; the stack may not know of that
    // yet.
    const refusedByLeaf = up && codeOf(outcome) === "NOT_CONNECTED";
    if (!refusedByLeaf) expect(left, label).toEqual([]);
  }
  if (what === "invalid") expect(codeOf(outcome), label).toBe("FRAME_INVALID");
  if (what === "tooBig") expect(codeOf(outcome), label).toBe("FRAME_TOO_BIG");
  for (const { at, wallAt } of left)
    expect(Math.max(at - send.at, wallAt - send.wallAt), label).toBeLessThanOrEqual(deadlineMs);
  const mayWait = what === "wait" || what === "big";
  for (const { connection } of left) {
    const leftIn = model.epochOf(connection);
    if (up || !mayWait) expect(leftIn, label).toBe(epoch);
    else expect(leftIn, label).toBeGreaterThan(epoch);
  }
}

/**
 * What the random runs must come to, taken together: a check of something that never happens checks
 * nothing.
 */
const SITUATIONS = {
  "the peer was silent": (model) => wasDroppedFor(model, "PEER_SILENT"),
  "the peer did not read": (model) => wasDroppedFor(model, "WRITE_STALLED"),
  "a send ended with a write stall": (model) => endedBy(model, codeIs("WRITE_STALLED")),
  "a deadline passed before the hand-over": (model) => ended(model, codeIs("SEND_DEADLINE")),
  "a deadline passed after the hand-over": (model) => endedBy(model, codeIs("SEND_DEADLINE")),
  "a signal aborted before the hand-over": (model) => ended(model, (error) => error === ABORTED),
  "a signal aborted after the hand-over": (model) => endedBy(model, (cause) => cause === ABORTED),
  "an epoch ended with sends in the queue": (model) => ended(model, codeIs("EPOCH_ENDED")),
  "too many sends were unsettled": (model) => ended(model, codeIs("SEND_QUEUE_FULL")),
  "a frame was too big": (model) => ended(model, codeIs("FRAME_TOO_BIG")),
  "pings used up the send limit": ({ rig }) => rig.traced("starved").length > 0,
  "frames were dropped": ({ rig }) => rig.traced("lag").length > 0,
  "our own loop was late": ({ rig }) => rig.traced("stall").length > 0,
  "a reconnect waited beside a socket": ({ seen }) => seen.has("a reconnect waits beside a socket"),
  "an attempt waited for the gate": ({ seen }) => seen.has("waits for gate"),
  "an attempt waited for a Retry-After": ({ seen }) => seen.has("waits for retryAfter"),
  "a sleep shortened a wait": ({ seen }) => seen.has("a sleep shortened a wait"),
  "an attempt waited for its backoff": ({ seen }) => seen.has("waits for backoff"),
  "a socket was let go": ({ seen }) => seen.has("a socket was let go"),
  "a blind time came to its end": ({ seen }) => seen.has("a blind time is over"),
  "credentials were refused": ({ seen }) => seen.has("refused"),
  "another endpoint was up": ({ rig }) =>
    rig.traced("opened").some(({ endpoint }) => !MODEL_URLS[0].startsWith(endpoint)),
  "every endpoint refused for good": (model) => wasDroppedFor(model, "ENDPOINTS_REFUSED"),
  "a trial was made beside a socket": ({ seen }) => seen.has("a trial is made"),
  "a trial failed": ({ rig }) => rig.traced("trialFailed").length > 0,
  "the old socket parted": ({ rig, seen }) => {
    if (seen.has("the old socket parts")) return true;
    // Between two looks.
    const opened = rig.traced("opened");
    return rig.leaf.dials.some(({ attempt, settledAt = 0 }) =>
      opened.some((event) => event.attempt === attempt && event.at > settledAt),
    );
  },
  "a connection returned to the first endpoint": (model) => wasDroppedFor(model, "RETURNED"),
} as const satisfies Record<string, (model: Model) => boolean>;

type Situation = keyof typeof SITUATIONS;

/** Notes the situations that runs come to. */
export class Reached {
  readonly #missing = new Set(Object.keys(SITUATIONS) as Situation[]);

  note(model: Model): void {
    for (const situation of this.#missing) {
      if (SITUATIONS[situation](model)) this.#missing.delete(situation);
    }
  }

  /** Those that no run came to. */
  get missing(): readonly Situation[] {
    return [...this.#missing];
  }
}

function wasDroppedFor({ rig }: Model, code: string): boolean {
  return rig.traced("transition").some(({ to }) => to.cause?.code === code);
}

/** Whether a send ended with such an error. */
function ended({ sends }: Model, matches: (error: unknown) => boolean): boolean {
  return sends.some(({ outcome }) => outcome.state === "rejected" && matches(outcome.reason));
}

/** Whether a send's fate is unknown because of such an error. */
function endedBy(model: Model, matches: (cause: unknown) => boolean): boolean {
  return ended(
    model,
    (error) => isWsError(error) && error.code === "SEND_FATE_UNKNOWN" && matches(error.cause),
  );
}

function codeIs(code: string): (error: unknown) => boolean {
  return (error) => isWsError(error) && error.code === code;
}
