import type { IdSpan, SentLog } from "../record.js";
import { type Accepted, VenuePeer, type VenueSurroundings } from "../venue-peer.js";
import { encodeBytes, type EncodedText } from "../wire/encoded-text.js";
import type { IbkrJournal } from "./journal.js";
import type { IbkrSettings } from "./resolve-options.js";
import type { Feed, FeedOutlet } from "./topics/feed.js";

/** What all connections share. */
export interface IbkrSurroundings extends VenueSurroundings {
  readonly settings: IbkrSettings;
  readonly journal: IbkrJournal;
  readonly log: SentLog;
  command(peer: IbkrPeer, text: string): void;
}

/**
 * A byte that Windows-1252 calls a trade mark sign, and UTF-8 nothing (I-8), where a company's name
 * may have it.
 */
const STRAY = Buffer.concat([
  Buffer.from('"7051":"STRAY '),
  Buffer.from([0x99]),
  Buffer.from('",'),
]);

/** One accepted connection: whether it is authenticated, and what it follows. */
export class IbkrPeer extends VenuePeer implements FeedOutlet {
  readonly feeds: Map<string, Feed> = new Map();
  /** A session was shown that is valid: commands are heard. */
  authenticated = false;
  /** Another session has replaced its own: it beats, and brings nothing. */
  orphaned = false;
  /** The account's frame has been sent (I-5); it needs a brokerage session. */
  introduced = false;
  /** The first frame of the greeting has been sent: heartbeats come. */
  greeted = false;
  readonly #around: IbkrSurroundings;
  #messages = 0;
  #strays = 0;

  constructor(around: IbkrSurroundings, accepted: Accepted) {
    super(around, accepted);
    this.#around = around;
    if (!around.settings.wire.answerPings) this.link.ignorePings();
  }

  get side(): "stream" {
    return "stream";
  }

  /** Sends a frame that is no data: greeting, heartbeats, status, answers. */
  say(message: object | string): void {
    this.texts.reply(this.#encode(typeof message === "string" ? message : JSON.stringify(message)));
  }

  publish(topic: string, text: string, span?: IdSpan): void {
    this.offer(this.#encode(text, true), () => {
      const { log } = this.#around;
      log.sent(this.id, topic, span);
      if (log.keepsPayloads) log.payload(`${this.id} ${topic}`, text);
    });
  }

  /** So many of the next data frames contain a byte that is not UTF-8. */
  stray(count: number): void {
    this.#strays = count;
  }

  /** Adds a subscription, in place of an older one to the same topic. */
  follow(feed: Feed): void {
    this.feeds.get(feed.topic)?.stop();
    this.feeds.set(feed.topic, feed);
    this.#around.journal.changed();
  }

  /** Ends a subscription. Returns whether there was one. */
  leave(topic: string): boolean {
    this.feeds.get(topic)?.stop();
    const found = this.feeds.delete(topic);
    this.#around.journal.changed();
    return found;
  }

  /** Ends all subscriptions, or those that need a brokerage session. */
  forget(which: "all" | "brokerage"): void {
    for (const { topic, needsBrokerage } of [...this.feeds.values()]) {
      if (which === "all" || needsBrokerage) this.leave(topic);
    }
  }

  protected override message(data: Buffer): void {
    if (this.link.writable) this.#around.command(this, data.toString());
  }

  protected override ended(): void {
    this.forget("all");
  }

  #encode(text: string, isData = false): EncodedText {
    const { opcode } = this.#around.settings.wire;
    const kind = opcode === "mixed" ? (this.#messages++ % 2 === 0 ? "text" : "binary") : opcode;
    const payload = Buffer.from(text);
    if (!isData || this.#strays === 0) return encodeBytes(payload, kind);
    this.#strays--;
    return encodeBytes(Buffer.concat([payload.subarray(0, 1), STRAY, payload.subarray(1)]), kind);
  }
}
