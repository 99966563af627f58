/**
 * The part of an `AbortSignal` that the stack needs. A real `AbortSignal` satisfies it; it is
 * spelled out here so that this floor compiles without DOM or Node types.
 */
export interface CancelSignal {
  readonly aborted: boolean;
  /** What the caller gave to `abort(reason)`; a cancelled wait rejects with exactly this value. */
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
