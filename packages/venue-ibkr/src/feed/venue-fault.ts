import { WsError } from "@oath-ws/contract";

/**
 * An error that the venue sent in band. Nobody knows what it is about: it names no command. Its text repeats what we said, so it is shown only when that
 * cannot have been the session.
 */
export function venueFault({ error, code }: Readonly<Record<string, unknown>>): WsError {
  const text = typeof error === "string" && !/session|token/i.test(error) ? `: ${error.slice(0, 200)}` : "";
  const number = typeof code === "number" ? ` ${code}` : "";
  return new WsError({ kind: "client", code: "VENUE_ERROR", message: `the venue sent error${number}${text}` });
}
