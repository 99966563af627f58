import type { CancelSignal } from "@oath-ws/contract";

/** The part of an `AbortController` that the stack and the adapters over it need. */
export interface CancelController {
  readonly signal: CancelSignal;
  abort(reason: unknown): void;
}

// Taken from the global object by shape: the signals handed to an AuthSource must be real ones,
// because `fetch` insists.
const { AbortController: Controller } = globalThis as unknown as {
  AbortController: new () => CancelController;
};

/** A real `AbortController` of the platform. */
export function cancelController(): CancelController {
  return new Controller();
}
