/** Aborts on Ctrl-C, on SIGTERM, and when `afterMs` have passed, if given. A second Ctrl-C ends the process at once. */
export function stopSignal(afterMs: number | undefined): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const stop = (): void => {
    controller.abort();
    release();
  };
  const timer = afterMs === undefined ? undefined : setTimeout(stop, afterMs);
  const release = (): void => {
    clearTimeout(timer);
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return { signal: controller.signal, release };
}
