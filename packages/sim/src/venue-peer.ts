import type { VenueClock } from "./clock.js";
import type { FaultyConnection } from "./faults/connection-faults.js";
import type { ScriptedPeer } from "./faults/fault-script.js";
import type { VenueCounts } from "./venue-counts.js";
import type { EncodedText } from "./wire/encoded-text.js";
import { Link } from "./wire/link.js";
import type { SimWebSocket } from "./wire/sim-websocket.js";
import { TextPath } from "./wire/text-path.js";
import type { WireSocket } from "./wire/wire-socket.js";

/** What all connections of a venue share. */
export interface VenueSurroundings {
  readonly settings: { readonly limits: { readonly maxPendingBytes: number } };
  readonly clock: VenueClock;
  readonly journal: {
    count(counter: keyof VenueCounts, by?: number): void;
    disconnected(why: "slowConsumer"): void;
  };
  /** An event was handed to a connection's socket. */
  eventSent(peer: ScriptedPeer): void;
}

/** A socket that has just been accepted. */
export interface Accepted {
  readonly id: number;
  readonly ws: SimWebSocket;
  readonly socket: WireSocket;
  readonly address: string;
  /** To be called when the connection has ended. */
  readonly ended: () => void;
}

/**
 * One accepted connection, as far as all venues are alike: how it is counted, how it ends, what it
 * is sent, and timers that end with it. A venue adds what it answers and the rules it keeps.
 */
export abstract class VenuePeer implements FaultyConnection, ScriptedPeer {
  readonly id: number;
  /** IP address of the client. */
  readonly address: string;
  readonly link: Link;
  readonly texts: TextPath;
  readonly #around: VenueSurroundings;
  readonly #timers: Set<() => void> = new Set();
  #eventsSent = 0;
  #eventsOffered = 0;

  constructor(around: VenueSurroundings, { id, ws, socket, address, ended }: Accepted) {
    const { settings, journal, clock } = around;
    this.#around = around;
    this.id = id;
    this.address = address;
    const { maxPendingBytes } = settings.limits;
    this.link = new Link(
      { ws, socket, timer: clock.timer, maxPendingBytes },
      {
        message: (data, isBinary) => this.message(data, isBinary),
        ping: () => {
          journal.count("pingsReceived");
          this.pinged();
        },
        pong: (payload) => this.ponged(payload),
        protocolError: () => journal.count("protocolErrors"),
        overflowed: () => journal.disconnected("slowConsumer"),
        ended: () => {
          for (const cancel of [...this.#timers]) cancel();
          journal.count("open", -1);
          this.ended();
          ended();
        },
      },
    );
    this.texts = new TextPath(this.link, {
      sent: (bytes) => {
        journal.count("framesSent");
        journal.count("bytesSent", bytes);
        this.textSent();
      },
      withheld: () => journal.count("framesWithheld"),
    });
    journal.count("open");
  }

  /** Which endpoint of fault targets it belongs to. */
  abstract get side(): "stream" | "ws-api";

  /** Events handed to its socket so far. */
  get eventsSent(): number {
    return this.#eventsSent;
  }

  /** Events that were meant for it, lost ones included. */
  get eventsOffered(): number {
    return this.#eventsOffered;
  }

  oddity(text: EncodedText): void {
    this.texts.event(text, () => {});
  }

  stall(forMs: number): void {
    this.link.stall();
    this.after(forMs, () => this.stallEnded());
  }

  /** Ends it with a close frame, or without one for code 1006. A half-open one stays as it is. */
  end(code: number, reason = ""): void {
    if (!this.link.writable) return;
    if (code === 1006) this.link.destroy();
    else if (code === 1005) this.link.close();
    else this.link.close(code, reason);
  }

  /**
   * Runs something after a venue duration, unless the connection ends first. Returns the function
   * that cancels it.
   */
  after(venueMs: number, run: () => void): () => void {
    const cancelTimer = this.#around.clock.after(venueMs, () => {
      this.#timers.delete(cancel);
      run();
    });
    const cancel = (): void => {
      this.#timers.delete(cancel);
      cancelTimer();
    };
    this.#timers.add(cancel);
    return cancel;
  }

  /** A message arrived. */
  protected abstract message(data: Buffer, isBinary: boolean): void;

  /** The client pinged; that has been counted and answered. */
  protected pinged(): void {}

  protected ponged(_payload: Buffer): void {}

  /** A text was handed to the socket. */
  protected textSent(): void {}

  /** The connection is gone. */
  protected ended(): void {}

  protected stallEnded(): void {
    this.link.resume();
  }

  /** Sends an event. `sent` is called when it was handed to the socket. */
  protected offer(text: EncodedText, sent: () => void): void {
    this.#eventsOffered++;
    this.texts.event(text, () => {
      this.#eventsSent++;
      sent();
      this.#around.eventSent(this);
    });
  }
}
