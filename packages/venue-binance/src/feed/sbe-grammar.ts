import type { ReceivedFrame } from "@oath-ws/contract";
import type { Command, Grammar, Inbox } from "@oath-ws/venue-kit";
import type { StreamName } from "../market/stream-name.js";
import { SbeMessage } from "../sbe/message.js";
import { SymbolTable } from "../sbe/symbol-table.js";
import { templateOf } from "../sbe/template.js";
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
export class SbeGrammar implements Grammar {
  readonly #texts = new CombinedGrammar();
  readonly #symbols = new SymbolTable();
  readonly #message = new SbeMessage();
  readonly #payloadOf: PayloadMaker;

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
    const { data } = frame;
    const template = templateOf(data);
    if (template === undefined) {
      // No stream is told so: it is a message that was not there when this was written.
      inbox.unreadable(() => false, unknownFrame("an SBE message of an unknown template"));
      return;
    }
    const message = this.#message;
    const { stream } = template;
    try {
      message.read(data, template);
    } catch (error) {
      // Whose it was cannot be told, but which kind of stream carries it.
      inbox.unreadable((topic) => topic.endsWith(`@${stream}`), error);
      return;
    }
    const known = this.#symbols.find(data, message.symbolAt, message.symbolBytes);
    if (known === undefined) return;
    const topic = known.topics[stream];
    const events = stream === "trade" ? message.count(0) : 1;
    for (let index = 0; index < events; index++) {
      let payload: object;
      try {
        payload = this.#payloadOf(stream, message, index, known.symbol);
      } catch (error) {
        inbox.unreadable((name) => name === topic, error);
        return;
      }
      inbox.event(topic, payload);
    }
  }
}
