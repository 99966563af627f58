import type { ReceivedFrame } from "@oath-ws/contract";
import { lendPayload } from "@oath-ws/resilience";
import type { Command, Grammar, Inbox } from "@oath-ws/venue-kit";
import { EventReader } from "../json/event-reader.js";
import { isShapedKind } from "../json/known-stream.js";
import type { ShapedKind } from "../json/known-stream.js";
import { CombinedOutline } from "../json/outlines.js";
import { scaledOf } from "../json/scaled-of.js";
import { ScaledValues } from "../json/scaled-values.js";
import { TextValues } from "../json/text-values.js";
import type { StreamName } from "../market/stream-name.js";
import { unknownFrame } from "./unknown-frame.js";
import { refusalOf, refusalVerdict, subscriptionRefused } from "./venue-refusal.js";

/** What combined mode wraps every event in. */
interface Wrapped {
  readonly stream: string;
  readonly data: unknown;
}

/**
 * The market streams' language in combined mode (B-2, B-13): `{"stream","data"}` around events,
 * while answers to commands come bare. Events go to the topic that the wrapper names. Those of the
 * shapes that come most often are read from their bytes, and all others are parsed.
 */
export class CombinedGrammar implements Grammar {
  readonly #outline = new CombinedOutline();
  readonly #events: EventReader;
  /** The kinds of the streams whose numbers become mantissas; `undefined`: they stay text. */
  readonly #scaled: Map<string, ShapedKind> | undefined;

  /** @param numbers what prices and quantities become. Default the text that they are */
  constructor(numbers: "text" | "scaled" = "text") {
    const values = numbers === "text" ? new TextValues() : new ScaledValues();
    this.#events = new EventReader(this.#outline, values);
    if (numbers === "scaled") this.#scaled = new Map();
  }

  /** Events of this stream are read from their bytes, where their shape is known. */
  learn(stream: StreamName): void {
    this.#outline.learn(stream);
    if (isShapedKind(stream.kind)) this.#scaled?.set(stream.name, stream.kind);
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
    const message = JSON.parse(frame.text()) as Partial<Wrapped> | null;
    if (typeof message?.stream === "string") {
      if (message.stream === SHUTDOWN_STREAM) inbox.ending("serverShutdown");
      else this.#event(message.stream, message.data, inbox);
    } else if (!receiveBare(message, inbox)) {
      throw unknownFrame("neither an event nor an answer");
    }
  }

  #event(stream: string, data: unknown, inbox: Inbox): void {
    let payload: object;
    try {
      if (!isObject(data)) throw unknownFrame(`no payload for ${stream}`);
      const kind = this.#scaled?.get(stream);
      payload = kind === undefined ? data : scaledOf(kind, data);
    } catch (error) {
      inbox.unreadable((topic) => topic === stream, error);
      return;
    }
    inbox.event(stream, payload);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

const SHUTDOWN_STREAM = "!serverShutdown";

/** The request that carries out a command. */
export function encodeCommand({ id, kind, topics }: Command): string {
  return JSON.stringify({
    method: kind === "subscribe" ? "SUBSCRIBE" : "UNSUBSCRIBE",
    params: topics,
    id,
  });
}

/** The question which streams a connection has (`LIST_SUBSCRIPTIONS`). */
export function encodeList(id: number): string {
  return JSON.stringify({ method: "LIST_SUBSCRIPTIONS", id });
}

/**
 * Takes an answer, or an announcement that is not wrapped: one of an unknown type concerns no
 * stream.
 *
 * @returns whether it was one
 * @throws WsError `FRAME_UNKNOWN` for what is no object
 */
export function receiveBare(message: unknown, inbox: Inbox): boolean {
  if (!isObject(message)) throw unknownFrame("JSON that is no object");
  const answer = message as Readonly<Record<string, unknown>>;
  if (answer["e"] === "serverShutdown") {
    inbox.ending("serverShutdown");
    return true;
  }
  const { id } = answer;
  if (!("id" in answer)) {
    if (typeof answer["e"] !== "string") return false;
    // No stream is told so: it is an announcement that was not there when this was written.
    inbox.unreadable(() => false, unknownFrame("an announcement of an unknown type"));
    return true;
  }
  const refusal = refusalOf(answer);
  // An answer without an id is to a request that could not be read; ours always can.
  if (typeof id !== "number") return true;
  if (refusal === undefined) inbox.confirmed(id, answer["result"]);
  else inbox.refused(id, subscriptionRefused(refusal), refusalVerdict(refusal));
  return true;
}
