import { RollingWindow } from "./rolling-window.js";

/** A {@link RollingWindow} for each key, such as an IP address. Refused events count too. */
export class LimitByKey {
  readonly #max: number;
  readonly #windowMs: number;
  readonly #slackMs: number;
  readonly #windows: Map<string, RollingWindow> = new Map();

  constructor(max: number, windowMs: number, slackMs = 0) {
    this.#max = max;
    this.#windowMs = windowMs;
    this.#slackMs = slackMs;
  }

  /** Counts an event of a key and says whether the limit still holds. */
  admit(key: string, now: number): boolean {
    return this.#window(key).admit(now);
  }

  /** Milliseconds until one more event of a key would be admitted; 0 if it would be now. */
  waitMs(key: string, now: number): number {
    return this.#window(key).waitMs(now);
  }

  #window(key: string): RollingWindow {
    const known = this.#windows.get(key);
    if (known !== undefined) return known;
    const made = new RollingWindow(this.#max, this.#windowMs, this.#slackMs);
    this.#windows.set(key, made);
    return made;
  }
}
