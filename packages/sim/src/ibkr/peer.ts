import type { Socket } from "node:net";
import type { SentLog } from "../record.js";
import type { VenueClock } from "../clock.js";
import type { FaultyConnection } from "../faults/connection-faults.js";
import type { IdSpan } from "../record.js";
import { encodeBytes, type EncodedText } from "../wire/encoded-text.js";
import { Link } from "../wire/link.js";
import type { SimWebSocket } from "../wire/sim-websocket.js";
import { TextPath } from "../wire/text-path.js";
import type { IbkrJournal } from "./journal.js";
import type { IbkrSettings } from "./resolve-options.js";
import type { Feed, FeedOutlet } from "./topics/feed.js";

/** What all connections share. */
export interface IbkrSurroundings {
  readonly settings: IbkrSettings;
  readonly clock: VenueClock;
  readonly journal: IbkrJournal;
  readonly log: SentLog;
  command(peer: IbkrPeer, text: string): void;
  eventSent(peer: IbkrPeer): void;
  ended(peer: IbkrPeer): void;
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
export class IbkrPeer implements FeedOutlet, FaultyConnection {
  readonly id: number;
  readonly link: Link;
  readonly texts: TextPath;
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
  readonly #timers: Set<() => void> = new Set();
  #messages = 0;
  #strays = 0;
  #eventsSent = 0;
  #eventsOffered = 0;

  constructor(around: IbkrSurroundings, id: number, ws: SimWebSocket, socket: Socket) {
    const { settings, journal } = around;
    this.#around = around;
    this.id = id;
    this.link = new Link(ws, socket, settings.limits.maxPendingBytes, {
      message: (data) => {
        if (this.link.writable) around.command(this, data.toString());
      },
      ping: () => journal.count("pingsReceived"),
      pong: () => {},
      protocolError: () => journal.count("protocolErrors"),
      overflowed: () => journal.disconnected("slowConsumer"),
      ended: () => this.#ended(),
    });
    if (!settings.wire.answerPings) this.link.ignorePings();
    this.texts = new TextPath(this.link, {
      sent: (bytes) => {
        journal.count("framesSent");
        journal.count("bytesSent", bytes);
      },
      withheld: () => journal.count("framesWithheld"),
    });
    journal.count("open");
  }

  /** Data frames handed to its socket so far. */
  get eventsSent(): number {
    return this.#eventsSent;
  }

  /** Data frames that were meant for it, lost ones included. */
  get eventsOffered(): number {
    return this.#eventsOffered;
  }

  /** Sends a frame that is no data: greeting, heartbeats, status, answers. */
  say(message: object | string): void {
    this.texts.reply(this.#encode(typeof message === "string" ? message : JSON.stringify(message)));
  }

  publish(topic: string, text: string, span?: IdSpan): void {
    this.#eventsOffered++;
    this.texts.event(this.#encode(text, true), () => {
      this.#eventsSent++;
      const { log } = this.#around;
      log.sent(this.id, topic, span);
      if (log.keepsPayloads) log.payload(`${this.id} ${topic}`, text);
      this.#around.eventSent(this);
    });
  }

  oddity(text: EncodedText): void {
    this.texts.event(text, () => {});
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

  stall(forMs: number): void {
    this.link.stall();
    this.after(forMs, () => this.link.resume());
  }

  end(code: number, reason = ""): void {
    if (!this.link.writable) return;
    if (code === 1005) this.link.close();
    else this.link.close(code, reason);
  }

  after(venueMs: number, run: () => void): () => void {
    const cancel = this.#around.clock.after(venueMs, () => {
      this.#timers.delete(cancelled);
      run();
    });
    const cancelled = (): void => {
      this.#timers.delete(cancelled);
      cancel();
    };
    this.#timers.add(cancelled);
    return cancelled;
  }

  #encode(text: string, isData = false): EncodedText {
    const { opcode } = this.#around.settings.wire;
    const kind = opcode === "mixed" ? (this.#messages++ % 2 === 0 ? "text" : "binary") : opcode;
    const payload = Buffer.from(text);
    if (!isData || this.#strays === 0) return encodeBytes(payload, kind);
    this.#strays--;
    return encodeBytes(Buffer.concat([payload.subarray(0, 1), STRAY, payload.subarray(1)]), kind);
  }

  #ended(): void {
    this.forget("all");
    for (const cancel of [...this.#timers]) cancel();
    this.#around.journal.count("open", -1);
    this.#around.ended(this);
  }
}
