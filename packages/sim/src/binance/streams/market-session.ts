import type { VenueClock } from "../../clock.js";
import { type EncodedText, encodeText } from "../../wire/encoded-text.js";
import type { Journal } from "../journal.js";
import { inUnit, type TimeUnit } from "../market/payloads.js";
import type { Peer, Session } from "../peer.js";
import type { SentLog } from "../../record.js";
import type { RequestFaults } from "../request-faults.js";
import type { BinanceSettings } from "../resolve-options.js";
import { type ControlError, type ControlRequest, parseControl } from "./control-request.js";
import type { AnyEvent, Encoding, StreamHub, Subscriber } from "./stream-hub.js";

/** What the request target of a market connection says (B-2, B-4). */
export interface MarketTarget {
  readonly combined: boolean;
  readonly streams: readonly string[];
  readonly unit: TimeUnit;
  readonly encoding: Encoding;
}

/** What a market connection works with. */
export interface MarketParts {
  readonly settings: BinanceSettings;
  readonly clock: VenueClock;
  readonly journal: Journal;
  readonly log: SentLog;
  readonly hub: StreamHub;
  readonly requests: RequestFaults;
}

/** A market data connection: its subscriptions, its properties, and the answers to its requests. */
export class MarketSession implements Session, Subscriber {
  readonly unit: TimeUnit;
  readonly encoding: Encoding;
  readonly #peer: Peer;
  readonly #parts: MarketParts;
  readonly #streams: Set<string> = new Set();
  #combined: boolean;

  constructor(peer: Peer, target: MarketTarget, parts: MarketParts) {
    this.#peer = peer;
    this.#parts = parts;
    this.#combined = target.combined;
    this.unit = target.unit;
    this.encoding = target.encoding;
    this.#subscribe(target.streams);
  }

  get combined(): boolean {
    return this.#combined;
  }

  get subscriptions(): readonly string[] {
    return [...this.#streams];
  }

  message(text: string): void {
    const parsed = parseControl(text);
    const fault = parsed.kind === "error" ? undefined : this.#parts.requests.nextError("stream");
    if (parsed.kind === "error") this.#refuse(parsed.error);
    else if (fault !== undefined)
      this.#refuse({ code: fault.code, msg: fault.msg, id: parsed.request.id }, fault.form);
    else this.#answer(parsed.request);
  }

  deliver(stream: string, event: AnyEvent, text: EncodedText): void {
    this.#peer.event(text, () => this.#parts.log.sent(this.#peer.id, stream, event.ids));
  }

  announceShutdown(): void {
    const event = { e: "serverShutdown", E: inUnit(this.#parts.clock.wallNow(), this.unit) };
    const message = this.#combined ? { stream: "!serverShutdown", data: event } : event;
    this.#peer.event(encodeText(JSON.stringify(message)), () => {});
  }

  ended(): void {
    this.#unsubscribe([...this.#streams]);
  }

  #answer(request: ControlRequest): void {
    const { id } = request;
    switch (request.method) {
      case "SUBSCRIBE": {
        const wanted = new Set([...this.#streams, ...request.streams]);
        if (wanted.size > this.#parts.settings.limits.maxStreams) {
          this.#refuse({ code: 4, msg: "Too many subscriptions", id });
          return;
        }
        // The answer goes first: an event of a stream that is not acknowledged yet would be a
        // surprise.
        this.#peer.reply({ result: null, id });
        this.#subscribe(request.streams);
        return;
      }
      case "UNSUBSCRIBE":
        this.#unsubscribe(request.streams);
        this.#peer.reply({ result: null, id });
        return;
      case "LIST_SUBSCRIPTIONS":
        this.#peer.reply({ result: [...this.#streams], id });
        return;
      case "GET_PROPERTY":
        this.#peer.reply({ result: this.#combined, id });
        return;
      case "SET_PROPERTY":
        this.#combined = request.value;
        this.#peer.reply({ result: null, id });
        return;
      default:
        request satisfies never;
    }
  }

  #refuse(error: ControlError, form = this.#parts.settings.errorForm): void {
    this.#parts.journal.count("badRequests");
    const { id = null, code, msg } = error;
    if (form === "nested") this.#peer.reply({ error: { code, msg }, id });
    else this.#peer.reply(error);
  }

  #subscribe(streams: readonly string[]): void {
    for (const stream of streams) {
      this.#streams.add(stream);
      this.#parts.hub.subscribe(stream, this);
    }
    this.#parts.journal.changed();
  }

  #unsubscribe(streams: readonly string[]): void {
    for (const stream of streams) {
      if (this.#streams.delete(stream)) this.#parts.hub.unsubscribe(stream, this);
    }
    this.#parts.journal.changed();
  }
}
