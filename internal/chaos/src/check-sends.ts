import type { EpochRecord } from "./epochs.js";
import type { SendRecord } from "./sends.js";

/** What the send path is judged by. */
export interface SendEvidence {
  readonly epochs: readonly EpochRecord[];
  readonly sends: readonly SendRecord[];
}

/** Outcomes after which the server must not have the frame. */
const NOT_SENT: ReadonlySet<string> = new Set([
  "aborted",
  "EPOCH_ENDED",
  "NOT_CONNECTED",
  "SEND_QUEUE_FULL",
  "SEND_DEADLINE",
  "FRAME_INVALID",
  "SHUT_DOWN",
]);

/** Of these the fate may go either way. */
const OPEN: ReadonlySet<string> = new Set(["SEND_FATE_UNKNOWN"]);

const MAY_WAIT: ReadonlySet<SendRecord["what"]> = new Set([
  "wait",
  "waitBriefly",
  "aborted",
  "abortedLate",
]);

/** Compares what the promises said with what the server has. Yields what is wrong. */
export function* checkSends({ epochs, sends }: SendEvidence): Generator<string> {
  const received = new Map<string, number[]>();
  for (const { epoch, venue } of epochs) {
    for (const text of venue?.received ?? [])
      received.set(text, [...(received.get(text) ?? []), epoch]);
  }
  const byText = new Map(sends.map((send) => [send.text, send]));
  for (const text of received.keys()) {
    if (!byText.has(text))
      yield `the server received ${JSON.stringify(text.slice(0, 30))}, which was never sent`;
  }
  for (const send of sends) yield* checkSend(send, received.get(send.text) ?? [], epochs);
  for (const epoch of epochs) yield* checkOrder(epoch, byText);
}

function* checkSend(
  send: SendRecord,
  receivedIn: readonly number[],
  epochs: readonly EpochRecord[],
): Generator<string> {
  const { what, epoch, up, outcome, failedEpoch } = send;
  const name =
    `${send.text.slice(0, 12)} (${what}, called in epoch ${epoch}, ${up ? "up" : "down"}: ` +
    `${outcome})`;
  if (outcome === "pending") return;
  if (receivedIn.length > 1) yield `${name} was received ${receivedIn.length} times`;
  if (NOT_SENT.has(outcome)) {
    if (receivedIn.length > 0) yield `${name} was received in epoch ${receivedIn[0]}`;
  } else if (!OPEN.has(outcome) && outcome !== "resolved") {
    yield `${name}: no outcome that the documentation knows`;
  }
  const waited = MAY_WAIT.has(what) && !up;
  for (const at of receivedIn) {
    if (waited ? at <= epoch : at !== epoch) yield `${name} was received in epoch ${at}`;
  }
  if (
    outcome === "SEND_FATE_UNKNOWN" ||
    (outcome === "EPOCH_ENDED" && what !== "pinned" && what !== "pinnedToNext")
  ) {
    if (failedEpoch === undefined) yield `${name} names no epoch`;
    else if (waited ? failedEpoch <= epoch : failedEpoch !== epoch)
      yield `${name} names epoch ${failedEpoch}`;
  }
  if (what === "invalid" && outcome !== "FRAME_INVALID") yield `${name} should be FRAME_INVALID`;
  if (what === "ping" || outcome !== "resolved" || receivedIn.length > 0) return;
  // A send that waited left in one of the epochs since then; which one is not told.
  const candidates = epochs.filter((each) =>
    waited ? each.epoch > epoch && each.epoch <= send.settledIn : each.epoch === epoch,
  );
  if (candidates.every(endedCleanly))
    yield `${name} is not in the server's record, though the connection was closed in order`;
}

/** The server got the client's close frame, and so everything that was sent before it. */
function endedCleanly({ venue }: EpochRecord): boolean {
  return venue?.closeCode !== undefined && venue.closeCode !== 1006;
}

/**
 * Of two sends that were made alike, the earlier one arrives first; and what arrives is a
 * beginning: nothing is missing in front of it that was said to have left.
 */
function* checkOrder(
  { epoch, venue }: EpochRecord,
  sends: ReadonlyMap<string, SendRecord>,
): Generator<string> {
  const got = (venue?.received ?? [])
    .map((text) => sends.get(text))
    .filter((send) => send !== undefined);
  for (const waited of [false, true]) {
    const group = got.filter((send) => !send.up === waited).map(({ text }) => numberOf(text));
    const wrong = group.findIndex((number, i) => number <= (group[i - 1] ?? 0));
    if (wrong > 0)
      yield `epoch ${epoch}: the server received s${group[wrong]} after s${group[wrong - 1]}`;
  }
  const prompt = got.filter((send) => send.up);
  const last = prompt.length === 0 ? 0 : numberOf(prompt.at(-1)?.text ?? "s0");
  const have = new Set(prompt.map(({ text }) => text));
  for (const send of sends.values()) {
    if (send.epoch !== epoch || !send.up || send.outcome !== "resolved" || send.what === "ping")
      continue;
    if (numberOf(send.text) < last && !have.has(send.text)) {
      yield `epoch ${epoch}: the server has s${last} but not ${send.text.slice(0, 12)}, which ` +
        "was said to have left before it";
    }
  }
}

function numberOf(text: string): number {
  return Number.parseInt(text.slice(1), 10);
}
