import type { Socket } from "node:net";
import type { VenueClock } from "../clock.js";
import type { FaultyConnection } from "../faults/connection-faults.js";
import { RollingWindow } from "../rules/rolling-window.js";
import { type EncodedText, encodeText } from "../wire/encoded-text.js";
import { Keepalive } from "../wire/keepalive.js";
import { Link } from "../wire/link.js";
import type { SimWebSocket } from "../wire/sim-websocket.js";
import { TextPath } from "../wire/text-path.js";
import type { Journal } from "./journal.js";
import type { BinanceSettings } from "./resolve-options.js";
import type { Endpoint } from "./stats.js";

/** What all connections of a simulator share. */
export interface PeerSurroundings {
  readonly settings: BinanceSettings;
  readonly clock: VenueClock;
  readonly journal: Journal;
  /** An event was handed to a peer's socket. */
  eventSent(peer: Peer): void;
  /** A peer broke the inbound rate; it has been told to go. */
  violated(peer: Peer): void;
  ended(peer: Peer): void;
}

/** What a connection is for: market streams or the WebSocket API. */
export interface Session {
  /** A text message arrived. */
  message(text: string): void;
  /** The connection is gone. */
  ended(): void;
  /** What it is subscribed to, for the statistics. */
  readonly subscriptions: readonly string[];
  /** Tells the client that the server is about to go (B-10). */
  announceShutdown(): void;
  /** Ends its user data subscriptions; absent where there are none. */
  terminateUserData?(): void;
}

/**
 * One accepted connection, with the rules that hold for both endpoints: pings, age, inbound rate,
 * slow readers.
 */
export class Peer implements FaultyConnection {
  readonly id: number;
  readonly endpoint: Endpoint;
  readonly address: string;
  readonly link: Link;
  readonly texts: TextPath;
  /** Wall time at which it was accepted. */
  readonly since: number;
  readonly #around: PeerSurroundings;
  readonly #keepalive: Keepalive;
  readonly #inbound: RollingWindow | undefined;
  readonly #timers: Array<() => void> = [];
  #session: Session | undefined;
  #eventsSent = 0;
  #eventsOffered = 0;
  /**
   * Until then the inbound rate is not judged, because a stall of ours has just let everything in
   * at once.
   */
  #lenientUntil = 0;

  constructor(
    around: PeerSurroundings,
    id: number,
    endpoint: Endpoint,
    ws: SimWebSocket,
    socket: Socket,
    address: string,
  ) {
    const { settings, clock, journal } = around;
    this.#around = around;
    this.id = id;
    this.endpoint = endpoint;
    this.address = address;
    this.since = clock.wallNow();
    const { inboundFrames, inboundWindowMs, inboundSlackMs } = settings.limits;
    this.#inbound =
      endpoint === "stream"
        ? new RollingWindow(inboundFrames, inboundWindowMs - inboundSlackMs)
        : undefined;
    this.link = new Link(ws, socket, settings.limits.maxPendingBytes, {
      message: (data, isBinary) => this.#message(data, isBinary),
      ping: () => {
        journal.count("pingsReceived");
        this.#received();
      },
      pong: (payload) => {
        if (this.#received()) this.#keepalive.pong(payload);
      },
      protocolError: () => journal.count("protocolErrors"),
      overflowed: () => journal.disconnected("slowConsumer"),
      ended: () => this.#ended(),
    });
    this.texts = new TextPath(this.link, {
      sent: (bytes) => {
        journal.count("framesSent");
        journal.count("bytesSent", bytes);
      },
      withheld: () => journal.count("framesWithheld"),
    });
    const { keepalive } = settings;
    this.#keepalive = new Keepalive(
      this.link,
      clock,
      {
        pingIntervalMs: keepalive.pingIntervalMs,
        pongTimeoutMs: keepalive.pongTimeoutMs,
        malformedPongCloseMs: keepalive.malformedPongCloseMs,
        validatePongs:
          endpoint === "stream" ? keepalive.validateStreamPongs : keepalive.validateApiPongs,
      },
      {
        pinged: () => journal.count("pingsSent"),
        answered: (pings) => journal.count("pingsAnswered", pings),
        unanswered: (pings) => {
          journal.count("pingsUnanswered", pings);
          journal.disconnected("pongTimeout");
        },
        unsolicitedPong: () => journal.count("unsolicitedPongs"),
        malformedPong: () => journal.count("malformedPongs"),
      },
    );
    this.after(settings.lifetime.maxAgeMs, () => this.expire());
    journal.count("open");
  }

  /** Events handed to its socket so far. */
  get eventsSent(): number {
    return this.#eventsSent;
  }

  /** Events that were meant for it, lost ones included. */
  get eventsOffered(): number {
    return this.#eventsOffered;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** Gives the connection its purpose. Once, right after it was accepted. */
  serve(session: Session): void {
    this.#session = session;
  }

  /** Sends an answer. */
  reply(message: object): void {
    this.texts.reply(encodeText(JSON.stringify(message)));
  }

  /** Sends an event. `sent` is called when it was handed to the socket. */
  event(text: EncodedText, sent: () => void): void {
    this.#eventsOffered++;
    this.texts.event(text, () => {
      this.#eventsSent++;
      this.#around.journal.count("eventsSent");
      sent();
      this.#around.eventSent(this);
    });
  }

  oddity(text: EncodedText): void {
    this.event(text, () => {});
  }

  /** Ends it as too old (B-5). */
  expire(): void {
    if (!this.link.writable) return;
    const { lifetime } = this.#around.settings;
    this.#around.journal.disconnected("lifetime");
    this.end(lifetime.closeCode, lifetime.closeReason);
  }

  /** Stops reading and writing for a venue duration. */
  stall(forMs: number): void {
    this.link.stall();
    this.after(forMs, () => {
      this.#lenientUntil = this.#around.clock.now() + this.#around.settings.limits.inboundWindowMs;
      this.link.resume();
    });
  }

  /** Ends it with a close frame, or without one for code 1006. A half-open one stays as it is. */
  end(code: number, reason = ""): void {
    if (!this.link.writable) return;
    if (code === 1006) this.link.destroy();
    else if (code === 1005) this.link.close();
    else this.link.close(code, reason);
  }

  /** Runs something after a venue duration, unless the connection ends first. */
  after(venueMs: number, run: () => void): void {
    this.#timers.push(this.#around.clock.after(venueMs, run));
  }

  #message(data: Buffer, isBinary: boolean): void {
    if (!this.#received()) return;
    const silentAbove = this.#around.settings.limits.silentMessageBytes;
    if (this.endpoint === "stream" && silentAbove !== undefined && data.byteLength > silentAbove)
      return;
    // The venue speaks text; a binary request means nothing to it.
    if (!isBinary) this.#session?.message(data.toString());
  }

  /**
   * Counts an inbound frame; false if it was one too many, or the connection is being ended anyway.
   */
  #received(): boolean {
    const { journal, clock } = this.#around;
    journal.count("framesReceived");
    if (this.#inbound === undefined) return true;
    if (!this.link.writable) return false;
    const now = clock.now();
    if (this.#inbound.admit(now) || now < this.#lenientUntil) return true;
    journal.count("rateViolations");
    journal.disconnected("rateLimit");
    this.link.close(1008, "Too many requests");
    this.#around.violated(this);
    return false;
  }

  #ended(): void {
    this.#keepalive.stop();
    for (const cancel of this.#timers.splice(0)) cancel();
    this.#around.journal.count("open", -1);
    this.#session?.ended();
    this.#around.ended(this);
  }
}
