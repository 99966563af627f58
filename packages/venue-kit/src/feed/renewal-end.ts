/**
 * How the renewal of a connection ends. The new one takes over `overlapped`, once it brings all
 * that the old one brings, or early, since the old one is `oldDown`. Else the old one is kept: the
 * new one was `refused` a topic, is `newDown` or `newFailed` for good, announced its own end
 * (`newEnding`), or was not ready in time (`tooLate`).
 */
export type RenewalEnd =
  | "overlapped"
  | "oldDown"
  | "refused"
  | "newDown"
  | "newFailed"
  | "newEnding"
  | "tooLate";

/**
 * Told how each renewal ends, for simulations. A connection that is lost while the other one closes
 * is told as well. It must not throw, and it must not call the feed.
 */
export type OnRenewalEnd = (end: RenewalEnd) => void;
