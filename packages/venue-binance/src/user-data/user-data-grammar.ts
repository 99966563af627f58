import type { ReceivedFrame } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import type { Grammar, Inbox } from "@oath-ws/venue-kit";
import { apiError, apiVerdict } from "../rest/api-error.js";
import type { UserDataEvent } from "./user-data-events.js";

/** The one topic of a user data connection. */
export const USER_DATA = "userData";

interface Answer {
  readonly id: unknown;
  readonly status: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly msg: string; readonly data?: { readonly retryAfter?: number } };
}

/** The WebSocket API's language (B-32): answers by id, and events in a wrapper. What is subscribed follows from the login. */
export class UserDataGrammar implements Grammar {
  readonly #venueNow: () => number;

  /** @param venueNow the venue's clock in Unix milliseconds, as far as it is known: `retryAfter` is a time of day */
  constructor(venueNow: () => number) {
    this.#venueNow = venueNow;
  }

  encode(): undefined {
    return undefined;
  }

  receive(frame: ReceivedFrame, inbox: Inbox): void {
    const message: unknown = JSON.parse(frame.text());
    if (typeof message !== "object" || message === null) throw unknownFrame("JSON that is no object");
    if ("event" in message) this.#event((message as { readonly event: UserDataEvent }).event, inbox);
    else if ("status" in message && "id" in message) this.#answer(message as Answer, inbox);
    else throw unknownFrame("neither an answer nor an event");
  }

  #event(event: UserDataEvent, inbox: Inbox): void {
    switch (event.e) {
      case "serverShutdown":
        inbox.ending("serverShutdown");
        break;
      case "eventStreamTerminated":
        inbox.sessionLost(
          new WsError({ kind: "server", code: "STREAM_TERMINATED", message: "the venue ended the user data subscription" }),
        );
        break;
      default:
        inbox.event(USER_DATA, event);
    }
  }

  #answer({ id, status, result, error }: Answer, inbox: Inbox): void {
    if (error === undefined) {
      if (typeof id === "number") inbox.confirmed(id, result);
      return;
    }
    const retryAfter = error.data?.retryAfter;
    const retryAfterMs = retryAfter === undefined ? undefined : Math.max(0, retryAfter - this.#venueNow());
    const refusal = apiError(status, error.code, error.msg, retryAfterMs);
    if (typeof id === "number") inbox.refused(id, refusal);
    // The answer to whatever was asked names no request when the key was revoked (B-37).
    else if (apiVerdict(refusal) === "permanent") inbox.failed(refusal);
  }
}

function unknownFrame(what: string): WsError {
  return new WsError({ kind: "server", code: "FRAME_UNKNOWN", message: `the venue sent ${what}` });
}
