import type { CancelSignal } from "@oath-ws/contract";

/**
 * A promise rejected with the reason of an aborted signal, whatever the caller chose as the reason.
 */
export function cancelled(signal: CancelSignal): Promise<never> {
  return new Promise((_, reject) => {
    reject(signal.reason);
  });
}

/** Listens for the abort. Returns the function that stops listening. */
export function onAbort(signal: CancelSignal, listener: () => void): () => void {
  signal.addEventListener("abort", listener);
  return () => signal.removeEventListener("abort", listener);
}
