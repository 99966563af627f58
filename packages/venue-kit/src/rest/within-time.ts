import type { CancelSignal, Timer } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { cancelController, scheduleDeadline } from "@oath-ws/resilience";

/** What ends a request before its answer. */
export interface RequestBounds {
  readonly timer: Timer;
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The signal by which the caller may give it up. */
  readonly signals: readonly (CancelSignal | undefined)[];
  /** What it rejects with when its time is up. Default: `REST_TIMEOUT`. */
  readonly lateError?: (() => WsError) | undefined;
}

/**
 * Makes a request that ends when its answer is there, its time is up or it is given up, also when
 * `request` does not heed the signal that it is given. Rejects with the error for a late answer,
 * the reason of the signal that was aborted, or what `request` rejects with.
 */
export async function withinTime<T>(
  request: (signal: CancelSignal) => Promise<T>,
  { timer, timeoutMs, signals, lateError = () => noAnswer(timeoutMs) }: RequestBounds,
): Promise<T> {
  for (const signal of signals) if (signal?.aborted === true) throw signal.reason;
  const run = cancelController();
  const cleanUps: (() => void)[] = [];
  const ended = new Promise<never>((_, reject) => {
    const giveUp = (reason: unknown): void => {
      run.abort(reason);
      reject(reason);
    };
    for (const signal of signals) {
      const onAbort = (): void => giveUp(signal?.reason);
      signal?.addEventListener("abort", onAbort);
      cleanUps.push(() => signal?.removeEventListener("abort", onAbort));
    }
    cleanUps.push(scheduleDeadline(timer, timeoutMs, () => giveUp(lateError())));
  });
  try {
    return await Promise.race([request(run.signal), ended]);
  } finally {
    for (const cleanUp of cleanUps) cleanUp();
  }
}

function noAnswer(timeoutMs: number): WsError {
  const message = `no answer to a request came within ${timeoutMs} ms`;
  return new WsError({ kind: "timeout", code: "REST_TIMEOUT", message });
}
