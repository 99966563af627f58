import type { LifecycleSnapshot } from "oath-ws";
import type { DeliveredFrame } from "./delivery.js";
import type { EpochRecord } from "./epochs.js";

/** What the receive path is judged by. */
export interface FrameEvidence {
  readonly epochs: readonly EpochRecord[];
  readonly delivered: readonly DeliveredFrame[];
  readonly last: Pick<LifecycleSnapshot, "totalLagged" | "totalLaggedBytes">;
}

/**
 * Every text that reached the client's socket was delivered once, in its place, or counted as
 * lagged, and nothing else was. Yields what is wrong.
 */
export function* checkFrames({ epochs, delivered, last }: FrameEvidence): Generator<string> {
  const arrived = epochs.flatMap(({ epoch, arrived: texts }) =>
    texts.map((text) => ({ epoch, text })),
  );
  let before: DeliveredFrame | undefined;
  let holes = 0;
  let deliveredBytes = 0;
  for (const frame of delivered) {
    const { seq, epoch, text, epochKnown, receivedAt } = frame;
    const place = `frame ${seq} of epoch ${epoch}`;
    if (epoch > epochKnown)
      yield `${place} was delivered while the lifecycle said epoch ${epochKnown}`;
    if (seq <= (before?.seq ?? 0)) yield `${place} came after frame ${before?.seq}`;
    if (epoch < (before?.epoch ?? 1)) yield `${place} came after one of epoch ${before?.epoch}`;
    if (receivedAt < (before?.receivedAt ?? 0))
      yield `${place} is said to be received before the one in front of it`;
    const truth = arrived[seq - 1];
    if (truth?.text !== text || truth.epoch !== epoch) {
      yield `${place} is ${short(text)}; the socket was given ${short(truth?.text)} of epoch ` +
        `${truth?.epoch} in that place`;
    }
    holes += seq - (before?.seq ?? 0) - 1;
    deliveredBytes += text.length;
    before = frame;
  }
  if (holes !== last.totalLagged)
    yield `the holes in seq are ${holes}, totalLagged says ${last.totalLagged}`;
  if (delivered.length + last.totalLagged !== arrived.length) {
    yield `${delivered.length} delivered and ${last.totalLagged} lagged, but the sockets were ` +
      `given ${arrived.length}`;
  }
  const arrivedBytes = arrived.reduce((sum, { text }) => sum + text.length, 0);
  if (deliveredBytes + last.totalLaggedBytes !== arrivedBytes) {
    yield `${deliveredBytes} bytes delivered and ${last.totalLaggedBytes} lagged, but the ` +
      `sockets were given ${arrivedBytes}`;
  }
  for (const epoch of epochs) yield* checkWire(epoch);
}

/**
 * The harness itself: what the client's socket was given is the beginning of what the server sent.
 */
function* checkWire({ epoch, arrived, venue }: EpochRecord): Generator<string> {
  if (venue === undefined) yield `epoch ${epoch}: the server knows of no such connection`;
  const wrong = arrived.findIndex((text, i) => text !== venue?.sent[i]);
  if (wrong >= 0)
    yield `epoch ${epoch}: the socket was given ${short(arrived[wrong])} as text ${wrong + 1}, ` +
      "which was not sent there";
}

function short(text: string | undefined): string {
  return text === undefined ? "nothing" : JSON.stringify(text.slice(0, 30));
}
