import type { ReceivedFrame } from "@oath-ws/contract";
import { lendPayload } from "@oath-ws/resilience";
import type { PayloadBorrower } from "@oath-ws/resilience";
import type { Command, Grammar, Inbox } from "@oath-ws/venue-kit";
import type { StreamName } from "../market/stream-name.js";
import { SbeMessage } from "../sbe/message.js";
import { SymbolTable } from "../sbe/symbol-table.js";
import type { KnownSymbol } from "../sbe/symbol-table.js";
import type { SbeStream } from "../sbe/template.js";
import { CombinedGrammar, encodeCommand } from "./market-grammar.js";
import { unknownFrame } from "./unknown-frame.js";

/** Makes the payload of a message: `textPayload` or `scaledPayload`. */
export type PayloadMaker = (
  stream: SbeStream,
  message: SbeMessage,
  index: number,
  symbol: string,
) => object;

/**
 * The market streams' language with SBE: events are binary messages that name their template and
 * their symbol, and nothing wraps them. Commands, answers and announcements are JSON in text frames
 * as everywhere.
 */
export class SbeGrammar implements Grammar, PayloadBorrower<void> {
  readonly #texts = new CombinedGrammar();
  readonly #symbols = new SymbolTable();
  readonly #message = new SbeMessage();
  readonly #payloadOf: PayloadMaker;
  /** Where what is found in a frame goes, while it is read. */
  #inbox: Inbox | undefined;

  constructor(payloadOf: PayloadMaker) {
    this.#payloadOf = payloadOf;
  }

  /** Makes the symbol of a stream known: only what was asked for is read. */
  learn({ symbol }: StreamName): void {
    if (symbol !== undefined) this.#symbols.learn(symbol);
  }

  encode(command: Command): string {
    return encodeCommand(command);
  }

  receive(frame: ReceivedFrame, inbox: Inbox): void {
    if (frame.kind === "text") {
      this.#texts.receive(frame, inbox);
      return;
    }
    this.#inbox = inbox;
    lendPayload(frame, this);
  }

  borrow(memory: Uint8Array, from: number, to: number): void {
    const inbox = this.#inbox;
    this.#inbox = undefined;
    if (inbox === undefined) return;
    const message = this.#message;
    const template = message.open(memory, from, to);
    if (template === undefined) {
      // No stream is told so: it is a message that was not there when this was written.
      inbox.unreadable(() => false, unknownFrame("an SBE message of an unknown template"));
      return;
    }
    const { stream } = template;
    try {
      message.read(template);
    } catch (error) {
      // Whose it was cannot be told, but which kind of stream carries it.
      inbox.unreadable((topic) => topic.endsWith(`@${stream}`), error);
      return;
    }
    const known = this.#symbols.find(memory, message.symbolAt, message.symbolBytes);
    if (known !== undefined) this.#tell(stream, known, inbox);
    message.close();
  }

  /** Tells of the events of the message that was read. */
  #tell(stream: SbeStream, { topics, symbol }: KnownSymbol, inbox: Inbox): void {
    const message = this.#message;
    const topic = topics[stream];
    const events = stream === "trade" ? message.count(0) : 1;
    for (let index = 0; index < events; index++) {
      let payload: object;
      try {
        payload = this.#payloadOf(stream, message, index, symbol);
      } catch (error) {
        inbox.unreadable((name) => name === topic, error);
        return;
      }
      inbox.event(topic, payload);
    }
  }
}
