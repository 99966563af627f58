import { nodeRuntime } from "oath-ws";

/**
 * Aborts on Ctrl-C, on SIGTERM, and when `afterMs` have passed, if given. A second Ctrl-C ends the
 * process at once.
 */
export function stopSignal(afterMs: number | undefined): {
  readonly signal: AbortSignal;
  release(): void;
} {
  const controller = new AbortController();
  const stop = (): void => {
    controller.abort();
    release();
  };
  // The platform's own timers take anything beyond 24.8 days for "at once".
  const cancel = afterMs === undefined ? undefined : nodeRuntime.timer.schedule(afterMs, stop);
  const release = (): void => {
    cancel?.();
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return { signal: controller.signal, release };
}

/** Runs until the signal of {@link stopSignal}, which it then leaves. */
export async function untilStopped(
  afterMs: number | undefined,
  run: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = stopSignal(afterMs);
  try {
    await run(stop.signal);
  } finally {
    stop.release();
  }
}
