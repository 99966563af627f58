import { RollingWindow } from "../rules/rolling-window.js";
import { type EncodedText, encodeText } from "../wire/encoded-text.js";
import { type Accepted, VenuePeer, type VenueSurroundings } from "../venue-peer.js";
import { Keepalive } from "../wire/keepalive.js";
import type { Journal } from "./journal.js";
import type { BinanceSettings } from "./resolve-options.js";
import type { Endpoint } from "./stats.js";

/** What all connections of a simulator share. */
export interface PeerSurroundings extends VenueSurroundings {
  readonly settings: BinanceSettings;
  readonly journal: Journal;
  /** A peer broke the inbound rate; it has been told to go. */
  violated(peer: Peer): void;
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
export class Peer extends VenuePeer {
  readonly endpoint: Endpoint;
  /** Wall time at which it was accepted. */
  readonly since: number;
  readonly #around: PeerSurroundings;
  readonly #keepalive: Keepalive;
  readonly #inbound: RollingWindow | undefined;
  #session: Session | undefined;
  /**
   * Until then the inbound rate is not judged, because a stall of ours has just let everything in
   * at once.
   */
  #lenientUntil = 0;

  constructor(around: PeerSurroundings, endpoint: Endpoint, accepted: Accepted) {
    super(around, accepted);
    const { settings, clock, journal } = around;
    this.#around = around;
    this.endpoint = endpoint;
    this.since = clock.wallNow();
    const { inboundFrames, inboundWindowMs, inboundSlackMs } = settings.limits;
    this.#inbound =
      endpoint === "stream"
        ? new RollingWindow(inboundFrames, inboundWindowMs, inboundSlackMs)
        : undefined;
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
  }

  get side(): Endpoint {
    return this.endpoint;
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
    this.offer(text, () => {
      this.#around.journal.count("eventsSent");
      sent();
    });
  }

  override oddity(text: EncodedText): void {
    this.event(text, () => {});
  }

  /** Ends it as too old (B-5). */
  expire(): void {
    if (!this.link.writable) return;
    const { lifetime } = this.#around.settings;
    this.#around.journal.disconnected("lifetime");
    this.end(lifetime.closeCode, lifetime.closeReason);
  }

  protected override stallEnded(): void {
    const { clock, settings } = this.#around;
    this.#lenientUntil = clock.now() + settings.limits.inboundWindowMs;
    super.stallEnded();
  }

  protected override ended(): void {
    this.#keepalive.stop();
    this.#session?.ended();
  }

  protected override pinged(): void {
    this.#received();
  }

  protected override ponged(payload: Buffer): void {
    if (this.#received()) this.#keepalive.pong(payload);
  }

  protected override message(data: Buffer, isBinary: boolean): void {
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
}
