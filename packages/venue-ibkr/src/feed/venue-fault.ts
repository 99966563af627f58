import { WsError } from "@oath-ws/contract";
import type { RefusalVerdict } from "@oath-ws/venue-kit";

/**
 * An error that the venue sent in band. It is not known what it is about: it names no command. Its
 * text repeats what we said, so it is shown only when that cannot have been the session.
 */
export function venueFault({ error, code }: Readonly<Record<string, unknown>>): WsError {
  const text =
    typeof error === "string" && !/session|token/i.test(error) ? `: ${error.slice(0, 200)}` : "";
  const number = typeof code === "number" ? ` ${code}` : "";
  return new WsError({
    kind: "client",
    code: "VENUE_ERROR",
    message: `the venue sent error${number}${text}`,
  });
}

/**
 * The venue's refusal of a topic. None is known to last: topics are checked before they are asked
 * for, and "unable to subscribe" with code 500 comes from a gateway that subscribes the same topic
 * seconds later (I-30).
 */
export function topicRefused(message: Readonly<Record<string, unknown>>): {
  readonly error: WsError;
  readonly verdict: RefusalVerdict;
} {
  const { message: text } = venueFault(message);
  return {
    error: new WsError({ kind: "server", code: "SUBSCRIPTION_REFUSED", message: text }),
    verdict: "notNow",
  };
}
