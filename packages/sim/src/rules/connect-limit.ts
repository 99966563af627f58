import { RollingWindow } from "./rolling-window.js";

/**
 * At most so many connection attempts per IP address in any window (B-9). Refused attempts count
 * like others.
 */
export class ConnectLimit {
  readonly #max: number;
  readonly #windowMs: number;
  readonly #windows: Map<string, RollingWindow> = new Map();

  constructor(max: number, windowMs: number) {
    this.#max = max;
    this.#windowMs = windowMs;
  }

  /**
   * Counts an attempt. `undefined` if it is allowed, else the milliseconds to wait before one will
   * be.
   */
  attempt(address: string, now: number): number | undefined {
    let window = this.#windows.get(address);
    if (window === undefined) {
      window = new RollingWindow(this.#max, this.#windowMs);
      this.#windows.set(address, window);
    }
    return window.admit(now) ? undefined : window.waitMs(now);
  }
}
