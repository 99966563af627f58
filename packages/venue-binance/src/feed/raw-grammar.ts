import type { ReceivedFrame } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { lendPayload } from "@oath-ws/resilience";
import type { Command, Grammar, Inbox } from "@oath-ws/venue-kit";
import { EventReader } from "../json/event-reader.js";
import { RawOutline } from "../json/outlines.js";
import { TextValues } from "../json/text-values.js";
import { rawKeyOf, rawKeyOfPayload } from "../market/raw-key.js";
import type { StreamName } from "../market/stream-name.js";
import { encodeCommand, receiveBare } from "./market-grammar.js";
import { unknownFrame } from "./unknown-frame.js";

/**
 * The market streams' language in raw mode (`/ws`): payloads come bare, and are recognised by what
 * is in them.
 */
export class RawGrammar implements Grammar {
  /** Names by key, of every stream that was ever asked for. */
  readonly #names = new Map<string, string>();
  readonly #outline = new RawOutline();
  readonly #events = new EventReader(this.#outline, new TextValues());

  /**
   * Makes the stream known, if raw mode can carry it beside those in `held`.
   *
   * @throws WsError `TOPIC_INVALID` when it cannot be recognised, or not be told from one that is
   *   held
   */
  learn(stream: StreamName, held: readonly string[]): void {
    const key = rawKeyOf(stream);
    if (key === undefined)
      throw invalid(stream.name, "comes without its symbol in raw mode: use combined mode");
    const twin = this.#names.get(key);
    if (twin !== undefined && twin !== stream.name && held.includes(twin)) {
      throw invalid(stream.name, `cannot be told from ${twin} in raw mode: use combined mode`);
    }
    this.#names.set(key, stream.name);
    this.#outline.learn(stream);
  }

  encode(command: Command): string {
    return encodeCommand(command);
  }

  receive(frame: ReceivedFrame, inbox: Inbox): void {
    const payload = lendPayload(frame, this.#events);
    if (payload !== undefined) inbox.event(this.#events.topic, payload);
    else this.#receiveAny(frame, inbox);
  }

  #receiveAny(frame: ReceivedFrame, inbox: Inbox): void {
    const payload: unknown = JSON.parse(frame.text());
    const key = rawKeyOfPayload(payload);
    const name = key === undefined ? undefined : this.#names.get(key);
    if (name !== undefined) inbox.event(name, payload);
    else if (key === undefined && !receiveBare(payload, inbox)) {
      throw unknownFrame("what no stream carries");
    }
  }
}

function invalid(name: string, what: string): WsError {
  return new WsError({ kind: "client", code: "TOPIC_INVALID", message: `stream ${name} ${what}` });
}
