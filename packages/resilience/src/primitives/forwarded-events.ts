import type { LeafConnection, LeafEvents, LeafFrame, WsError } from "@oath-ws/contract";

/**
 * Passes every event on. A layer over a connector extends it with what it changes, and gives it to
 * the inner connector in place of the events that it got.
 */
export class ForwardedEvents implements LeafEvents {
  /** Where events go. */
  protected to: LeafEvents;

  constructor(to: LeafEvents) {
    this.to = to;
  }

  opened(connection: LeafConnection): void {
    this.to.opened(connection);
    if (this.to instanceof ForwardedEvents) this.to = this.to.onward;
  }

  /** Where further events may go in place of here, once the connection is open. */
  protected get onward(): LeafEvents {
    return this;
  }

  read(at: number): void {
    this.to.read(at);
  }

  frame(frame: LeafFrame): void {
    this.to.frame(frame);
  }

  dropped(frames: number, bytes: number): void {
    this.to.dropped(frames, bytes);
  }

  closed(code: number, reason: string | Uint8Array): void {
    this.to.closed(code, reason);
  }

  ended(error: WsError | undefined): void {
    this.to.ended(error);
  }
}
