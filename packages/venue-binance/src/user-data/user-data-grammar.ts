import type { ReceivedFrame } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { boundedRetryAfter } from "@oath-ws/resilience";
import type { Grammar, Inbox } from "@oath-ws/venue-kit";
import { unknownFrame } from "../feed/unknown-frame.js";
import { apiError, apiVerdict } from "../rest/api-error.js";
import type { WeightBudget } from "../rest/weight-budget.js";

/** The one topic of a user data connection. */
export const USER_DATA = "userData";

type Fields = Readonly<Record<string, unknown>>;

/** What a {@link UserDataGrammar} needs. */
export interface UserDataGrammarParts {
  /**
   * The venue's clock in Unix milliseconds, as far as it is known: `retryAfter` is a time of day.
   */
  readonly venueNow: () => number;
  /** The address's: the venue counts and bans by address, not by connection. */
  readonly budget: WeightBudget;
}

/**
 * The WebSocket API's language (B-32): answers by id, and events in a wrapper. What is subscribed
 * follows from the login.
 */
export class UserDataGrammar implements Grammar {
  readonly #parts: UserDataGrammarParts;

  constructor(parts: UserDataGrammarParts) {
    this.#parts = parts;
  }

  encode(): undefined {
    return undefined;
  }

  receive(frame: ReceivedFrame, inbox: Inbox): void {
    const message: unknown = JSON.parse(frame.text());
    if (!isFields(message)) throw unknownFrame("JSON that is no object");
    if ("event" in message) this.#event(message["event"], inbox);
    else if (typeof message["status"] === "number" && "id" in message)
      this.#answer(message, message["status"], inbox);
    else throw unknownFrame("neither an answer nor an event");
  }

  #event(event: unknown, inbox: Inbox): void {
    if (!isFields(event)) throw unknownFrame("an event that is no object");
    switch (event["e"]) {
      case "serverShutdown":
        inbox.ending("serverShutdown");
        break;
      // It may follow a confirmed subscription at once (B-41): the login pauses then.
      case "eventStreamTerminated":
        inbox.sessionLost(
          new WsError({
            kind: "server",
            code: "STREAM_TERMINATED",
            message: "the venue ended the user data subscription",
          }),
        );
        break;
      default:
        inbox.event(USER_DATA, event);
    }
  }

  #answer({ id, result, error }: Fields, status: number, inbox: Inbox): void {
    if (error === undefined) {
      if (typeof id === "number") inbox.confirmed(id, result);
      return;
    }
    const { venueNow, budget } = this.#parts;
    const { code, msg, data } = isFields(error) ? error : {};
    if (typeof code !== "number") throw unknownFrame("an error without a code");
    const retryAfter = isFields(data) ? data["retryAfter"] : undefined;
    const retryAfterMs =
      typeof retryAfter === "number" ? boundedRetryAfter(retryAfter - venueNow()) : undefined;
    budget.refused(status, retryAfterMs);
    const refusal = apiError(status, code, typeof msg === "string" ? msg : "", retryAfterMs);
    const isPermanent = apiVerdict(refusal) === "permanent";
    if (typeof id === "number") inbox.refused(id, refusal, isPermanent ? "never" : "notNow");
    // The answer to whatever was asked names no request when the key was revoked (B-37).
    else if (isPermanent) inbox.failed(refusal);
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
