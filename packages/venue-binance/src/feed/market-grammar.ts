import type { ReceivedFrame } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import type { Command, Grammar, Inbox } from "@oath-ws/venue-kit";
import { refusalOf, refusalVerdict, subscriptionRefused } from "./venue-refusal.js";

/** What combined mode wraps every event in. */
interface Wrapped {
  readonly stream: string;
  readonly data: unknown;
}

/**
 * The market streams' language in combined mode (reference 2.2): `{"stream","data"}` around events,
 * while answers to commands come bare. Events go to the topic that the wrapper names, without a
 * look inside.
 */
export class CombinedGrammar implements Grammar {
  encode(command: Command): string {
    return encodeCommand(command);
  }

  receive(frame: ReceivedFrame, inbox: Inbox): void {
    const message = JSON.parse(frame.text()) as Partial<Wrapped> | null;
    if (typeof message?.stream === "string") {
      if (message.stream === SHUTDOWN_STREAM) inbox.ending("serverShutdown");
      else inbox.event(message.stream, message.data);
    } else if (!receiveBare(message, inbox)) {
      throw new WsError({
        kind: "server",
        code: "FRAME_UNKNOWN",
        message: "the venue sent neither an event nor an answer",
      });
    }
  }
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
 * Takes an answer, or an announcement that is not wrapped.
 *
 * @returns whether it was one
 * @throws WsError `FRAME_UNKNOWN` for what is no object
 */
export function receiveBare(message: unknown, inbox: Inbox): boolean {
  if (typeof message !== "object" || message === null) {
    throw new WsError({
      kind: "server",
      code: "FRAME_UNKNOWN",
      message: "the venue sent JSON that is no object",
    });
  }
  const answer = message as Readonly<Record<string, unknown>>;
  if (answer["e"] === "serverShutdown") {
    inbox.ending("serverShutdown");
    return true;
  }
  const { id } = answer;
  if (!("id" in answer)) return false;
  const refusal = refusalOf(answer);
  // An answer without an id is to a request that could not be read; ours always can.
  if (typeof id !== "number") return true;
  if (refusal === undefined) inbox.confirmed(id, answer["result"]);
  else inbox.refused(id, subscriptionRefused(refusal), refusalVerdict(refusal));
  return true;
}
