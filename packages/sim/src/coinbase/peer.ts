import type { Socket } from "node:net";
import type { VenueClock } from "../clock.js";
import type { FaultyConnection } from "../faults/connection-faults.js";
import type { SentLog } from "../record.js";
import { encodeText, type EncodedText } from "../wire/encoded-text.js";
import { Link } from "../wire/link.js";
import type { SimWebSocket } from "../wire/sim-websocket.js";
import { TextPath } from "../wire/text-path.js";
import type { SimAccount } from "./account.js";
import { type Channel, CHANNELS } from "./channels.js";
import type { CoinbaseJournal } from "./journal.js";
import type { CoinbaseSettings } from "./resolve-options.js";
import type { CoinbaseDisconnects, CoinbaseEndpoint } from "./stats.js";

/** What all connections share. */
export interface CoinbaseSurroundings {
  readonly settings: CoinbaseSettings;
  readonly clock: VenueClock;
  readonly journal: CoinbaseJournal;
  readonly log: SentLog;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  request(peer: CoinbasePeer, text: string): void;
  eventSent(peer: CoinbasePeer): void;
  ended(peer: CoinbasePeer): void;
}

/** What a frame carries, for the record: ids where the stream has some. */
export interface Carried {
  readonly stream: string;
  readonly first?: number | undefined;
  readonly last?: number | undefined;
}

/**
 * One accepted connection: its number for every frame, what it is subscribed to, and the rules of
 * silence.
 */
export class CoinbasePeer implements FaultyConnection {
  readonly id: number;
  readonly endpoint: CoinbaseEndpoint;
  readonly address: string;
  readonly link: Link;
  readonly texts: TextPath;
  /**
   * Products by channel, with the name under which each was asked for; channels without products
   * have one entry, themselves.
   */
  readonly channels: Map<Channel, Map<string, string>> = new Map();
  /** Whose user channels it follows. */
  account: SimAccount | undefined;
  readonly #around: CoinbaseSurroundings;
  readonly #timers: Set<() => void> = new Set();
  #sequence = 0;
  #eventsSent = 0;
  #eventsOffered = 0;
  #sentAt: number;
  #subscribed = false;

  constructor(
    around: CoinbaseSurroundings,
    id: number,
    endpoint: CoinbaseEndpoint,
    ws: SimWebSocket,
    socket: Socket,
    address: string,
  ) {
    const { settings, clock, journal } = around;
    this.#around = around;
    this.id = id;
    this.endpoint = endpoint;
    this.address = address;
    this.#sentAt = clock.now();
    this.link = new Link(ws, socket, settings.limits.maxPendingBytes, {
      message: (data, isBinary) => {
        if (!isBinary && this.link.writable) around.request(this, data.toString());
      },
      ping: () => journal.count("pingsReceived"),
      pong: () => {},
      protocolError: () => journal.count("protocolErrors"),
      overflowed: () => journal.disconnected("slowConsumer"),
      ended: () => this.#ended(),
    });
    this.texts = new TextPath(this.link, {
      sent: (bytes) => {
        this.#sentAt = clock.now();
        journal.count("framesSent");
        journal.count("bytesSent", bytes);
      },
      withheld: () => journal.count("framesWithheld"),
    });
    const { subscribeWithinMs, idleMinMs, idleMaxMs } = settings.limits;
    this.after(subscribeWithinMs, () => {
      if (!this.#subscribed) this.#expel("notSubscribed");
    });
    this.#watchIdle(idleMinMs + around.random() * (idleMaxMs - idleMinMs));
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

  /** `channel:product`, or the channel alone. */
  get topics(): readonly string[] {
    return [...this.channels].flatMap(([channel, products]) =>
      CHANNELS[channel].products
        ? [...products.keys()].map((product) => `${channel}:${product}`)
        : [channel],
    );
  }

  follows(channel: Channel, product?: string): boolean {
    const products = this.channels.get(channel);
    return products !== undefined && (product === undefined || products.has(product));
  }

  /** The first request that subscribed something: it may stay. */
  subscribed(): void {
    this.#subscribed = true;
  }

  /**
   * Sends events of a channel in one frame. `streams` name them in the record, with ids where they
   * have some.
   */
  event(channel: Channel, events: string, streams: readonly Carried[]): void {
    const number = this.#sequence;
    this.#eventsOffered++;
    this.texts.event(this.#frame(channel === "level2" ? "l2_data" : channel, events), () => {
      this.#eventsSent++;
      const { log } = this.#around;
      log.sent(this.id, "*", { first: number, last: number });
      for (const { stream, first, last } of streams) {
        log.sent(
          this.id,
          stream,
          first === undefined || last === undefined ? undefined : { first, last },
        );
      }
      this.#around.eventSent(this);
    });
  }

  /** Sends the whole set of subscriptions (C-4). */
  acknowledge(set: object): void {
    this.texts.reply(this.#frame("subscriptions", JSON.stringify({ subscriptions: set })));
  }

  /** Sends an error: the only frame without channel and number. */
  refuse(message: string): void {
    this.texts.reply(encodeText(JSON.stringify({ type: "error", message })));
  }

  /** Sends what is no frame of the venue, as an event. */
  oddity(text: EncodedText): void {
    this.texts.event(text, () => {});
  }

  /** Leaves numbers out, as if frames had been lost. */
  skip(count: number): void {
    this.#sequence += count;
  }

  /** Stops reading and writing for a venue duration. */
  stall(forMs: number): void {
    this.link.stall();
    this.after(forMs, () => this.link.resume());
  }

  /** Ends it with a close frame, or without one for code 1006. A half-open one stays as it is. */
  end(code: number, reason = ""): void {
    if (!this.link.writable) return;
    if (code === 1006) this.link.destroy();
    else if (code === 1005) this.link.close();
    else this.link.close(code, reason);
  }

  /** It broke a rule. */
  expelTooManyLevel2(): void {
    this.#expel("tooManyLevel2");
  }

  /** Runs something after a venue duration, unless the connection ends first. */
  after(venueMs: number, run: () => void): void {
    const cancel = this.#around.clock.after(venueMs, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
  }

  #frame(channel: string, events: string): EncodedText {
    const { wire } = this.#around.settings;
    const client = (wire.clientId ?? this.endpoint === "user") ? '"client_id":"",' : "";
    // Nine digits, of which the last three tell frames of one millisecond apart; trailing zeros are
    // not printed (C-6).
    const time = new Date(this.#around.clock.wallNow()).toISOString().slice(0, -1);
    const fraction = String(this.#sequence % 1_000_000).padStart(6, "0");
    const timestamp = `${time}${fraction}`.replace(/0+$/, "").replace(/\.$/, "");
    return encodeText(
      `{"channel":"${channel}",${client}"timestamp":"${timestamp}Z","sequence_num":${this.#sequence++},"events":[${events}]}`,
    );
  }

  #expel(why: keyof CoinbaseDisconnects): void {
    if (!this.link.writable) return;
    this.#around.journal.disconnected(why);
    this.end(this.#around.settings.wire.closeCode);
  }

  #watchIdle(limitMs: number): void {
    const silentMs = this.#around.clock.now() - this.#sentAt;
    if (silentMs >= limitMs) this.#expel("idle");
    else this.after(limitMs - silentMs, () => this.#watchIdle(limitMs));
  }

  #ended(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#around.journal.count("open", -1);
    this.#around.ended(this);
  }
}
