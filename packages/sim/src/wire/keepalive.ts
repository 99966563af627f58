import type { VenueClock } from "../clock.js";
import type { Link } from "./link.js";

/** How a connection is pinged; durations in venue milliseconds. */
export interface KeepaliveSettings {
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
  /** Whether a pong that copies no ping is a fault. */
  readonly validatePongs: boolean;
  readonly malformedPongCloseMs: number;
}

/** Told of what happens, for the statistics. */
export interface KeepaliveEvents {
  pinged(): void;
  answered(pings: number): void;
  unanswered(pings: number): void;
  unsolicitedPong(): void;
  malformedPong(): void;
}

/**
 * The venue's side of ping and pong (B-6, B-36). Pings carry the time in milliseconds as text and a
 * pong must copy it. An empty pong is unsolicited: allowed, and no sign of life. Where pongs are
 * not validated, one with another text is taken as the answer to the oldest ping; where they are,
 * it ends the connection, some time later.
 */
export class Keepalive {
  readonly #link: Link;
  readonly #clock: VenueClock;
  readonly #settings: KeepaliveSettings;
  readonly #events: KeepaliveEvents;
  readonly #open: Array<{ readonly payload: string; sentAt: number }> = [];
  #cancelPing: () => void = () => {};
  #cancelTimeout: () => void = () => {};
  #cancelMalformed: () => void = () => {};
  #malformed = false;

  constructor(link: Link, clock: VenueClock, settings: KeepaliveSettings, events: KeepaliveEvents) {
    this.#link = link;
    this.#clock = clock;
    this.#settings = settings;
    this.#events = events;
    this.#schedulePing();
  }

  pong(payload: Buffer): void {
    const text = payload.toString("latin1");
    const at = this.#open.findIndex((ping) => ping.payload === text);
    if (at >= 0) return this.#answer(at + 1);
    if (payload.byteLength === 0 || (this.#open.length === 0 && !this.#settings.validatePongs)) {
      this.#events.unsolicitedPong();
      return;
    }
    this.#events.malformedPong();
    if (!this.#settings.validatePongs) return this.#answer(1);
    if (this.#malformed) return;
    this.#malformed = true;
    this.#cancelMalformed = this.#clock.after(this.#settings.malformedPongCloseMs, () =>
      this.#link.close(1008, "Malformed pong"),
    );
  }

  /** Stops for good. */
  stop(): void {
    this.#cancelPing();
    this.#cancelTimeout();
    this.#cancelMalformed();
  }

  #schedulePing(): void {
    this.#cancelPing = this.#clock.after(this.#settings.pingIntervalMs, () => {
      const payload = String(this.#clock.wallNow());
      // A half-open or closing link is not pinged: the ping would never leave.
      if (!this.#link.deaf && this.#link.ping(payload)) {
        this.#open.push({ payload, sentAt: this.#clock.now() });
        this.#events.pinged();
        if (this.#open.length === 1) this.#watchOldest();
      }
      if (!this.#link.ended) this.#schedulePing();
    });
  }

  #answer(pings: number): void {
    this.#open.splice(0, pings);
    this.#events.answered(pings);
    this.#cancelTimeout();
    if (this.#open.length > 0) this.#watchOldest();
  }

  #watchOldest(): void {
    const oldest = this.#open[0];
    if (oldest === undefined) return;
    const due = oldest.sentAt + this.#settings.pongTimeoutMs;
    this.#cancelTimeout = this.#clock.after(Math.max(0, due - this.#clock.now()), () =>
      this.#judge(due),
    );
  }

  #judge(due: number): void {
    const now = this.#clock.now();
    if (this.#link.deaf) {
      // The simulator itself is not listening: the client cannot be blamed. Its time starts again.
      for (const ping of this.#open) ping.sentAt = now;
      this.#watchOldest();
      return;
    }
    const grace = this.#settings.pongTimeoutMs / 4;
    if (now - due > grace) {
      // This process was held up, and the answer may be waiting in the socket: read first, judge
      // then.
      const later = now + grace;
      this.#cancelTimeout = this.#clock.after(grace, () => this.#judge(later));
      return;
    }
    this.#events.unanswered(this.#open.length);
    this.#open.length = 0;
    this.#link.close(1008, "Pong timeout");
  }
}
