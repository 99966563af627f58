import type { SentLog } from "../record.js";
import { type Accepted, VenuePeer, type VenueSurroundings } from "../venue-peer.js";
import { encodeText, type EncodedText } from "../wire/encoded-text.js";
import type { SimAccount } from "./account.js";
import { type Channel, CHANNELS } from "./channels.js";
import type { CoinbaseJournal } from "./journal.js";
import { isoTime } from "./market/payloads.js";
import { withoutZeros } from "./market/without-zeros.js";
import type { CoinbaseSettings } from "./resolve-options.js";
import type { CoinbaseDisconnects, CoinbaseEndpoint } from "./stats.js";

/** What all connections share. */
export interface CoinbaseSurroundings extends VenueSurroundings {
  readonly settings: CoinbaseSettings;
  readonly journal: CoinbaseJournal;
  readonly log: SentLog;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  request(peer: CoinbasePeer, text: string): void;
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
export class CoinbasePeer extends VenuePeer {
  readonly endpoint: CoinbaseEndpoint;
  /**
   * Products by channel, with the name under which each was asked for; channels without products
   * have one entry, themselves.
   */
  readonly channels: Map<Channel, Map<string, string>> = new Map();
  /** Whose user channels it follows. */
  account: SimAccount | undefined;
  readonly #around: CoinbaseSurroundings;
  #sequence = 0;
  #sentAt: number;
  #subscribed = false;

  constructor(around: CoinbaseSurroundings, endpoint: CoinbaseEndpoint, accepted: Accepted) {
    super(around, accepted);
    this.#around = around;
    this.endpoint = endpoint;
    this.#sentAt = around.clock.now();
    const { subscribeWithinMs, idleMinMs, idleMaxMs } = around.settings.limits;
    this.after(subscribeWithinMs, () => {
      if (!this.#subscribed) this.#expel("notSubscribed");
    });
    this.#watchIdle(idleMinMs + around.random() * (idleMaxMs - idleMinMs));
  }

  get side(): "stream" | "ws-api" {
    return this.endpoint === "user" ? "ws-api" : "stream";
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
    this.offer(this.#frame(channel === "level2" ? "l2_data" : channel, events), () => {
      const { log } = this.#around;
      log.sent(this.id, "*", { first: number, last: number });
      for (const { stream, first, last } of streams) {
        log.sent(
          this.id,
          stream,
          first === undefined || last === undefined ? undefined : { first, last },
        );
      }
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

  /** Leaves numbers out, as if frames had been lost. */
  skip(count: number): void {
    this.#sequence += count;
  }

  /** It broke a rule. */
  expelTooManyLevel2(): void {
    this.#expel("tooManyLevel2");
  }

  protected override message(data: Buffer, isBinary: boolean): void {
    if (!isBinary && this.link.writable) this.#around.request(this, data.toString());
  }

  protected override textSent(): void {
    this.#sentAt = this.#around.clock.now();
  }

  #frame(channel: string, events: string): EncodedText {
    const { wire } = this.#around.settings;
    const client = (wire.clientId ?? this.endpoint === "user") ? '"client_id":"",' : "";
    // Nine digits, of which the last three tell frames of one millisecond apart; trailing zeros are
    // not printed (C-6).
    const time = isoTime(this.#around.clock.wallNow()).slice(0, -1);
    const fraction = String(this.#sequence % 1_000_000).padStart(6, "0");
    const timestamp = withoutZeros(`${time}${fraction}`);
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
}
