import type { ReceivedFrame, Timer, WsSource } from "@oath-ws/contract";

/**
 * Frames that are handled before the readers of the topics may take what was made of them: few, so
 * that it is gone again while it is young. After so many such rounds everybody else has a turn.
 */
const FRAMES_PER_ROUND = 32;
const ROUNDS_PER_TURN = 16;
const NEXT_MICROTASK = Promise.resolve();

/** What {@link readFrames} hands frames to. */
export interface FrameTaker {
  receive(frame: ReceivedFrame): void;
  /** Every frame that had arrived was received. */
  caughtUp(): void;
}

/**
 * Hands over every frame of a source, in rounds between which their readers run. Resolves with the
 * end of the source; rejects with what ended it, or with what `receive` threw.
 */
export async function readFrames(
  source: WsSource<ReceivedFrame>,
  timer: Timer,
  taker: FrameTaker,
): Promise<void> {
  const turn = (): Promise<void> =>
    new Promise((resolve) => {
      timer.schedule(0, resolve);
    });
  while (await source.readable()) {
    for (let round = 1; receiveSome(source, taker); round++) {
      if (round % ROUNDS_PER_TURN === 0) await turn();
      else await NEXT_MICROTASK;
    }
    taker.caughtUp();
  }
}

/** Handles what is there, up to a round of it; tells whether there may be more. */
function receiveSome(source: WsSource<ReceivedFrame>, taker: FrameTaker): boolean {
  for (let count = 0; count < FRAMES_PER_ROUND; count++) {
    const frame = source.take();
    if (frame === undefined) return false;
    taker.receive(frame);
  }
  return true;
}
