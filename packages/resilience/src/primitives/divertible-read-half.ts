import { ReadHalf } from "./read-half.js";

/** A source whose frames can bypass its queue; see `WsSource.divert`. */
export class DivertibleReadHalf<F> extends ReadHalf<F> {
  #receiver: ((frame: F) => void) | undefined;

  /** Where frames go instead of into the queue; `undefined` until diverted. */
  get receiver(): ((frame: F) => void) | undefined {
    return this.#receiver;
  }

  divert(receiver: (frame: F) => void): void {
    for (let frame = this.take(); frame !== undefined; frame = this.take()) receiver(frame);
    this.#receiver = receiver;
  }
}
