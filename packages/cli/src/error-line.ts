import { isWsError } from "oath-ws";
import type { WsError } from "oath-ws";
import { printable } from "./printable.js";

/** One line for an error, whatever it is. Part of it may be a peer's words. */
export function errorLine(error: unknown): string {
  if (isWsError(error)) return printable(`${wsErrorText(error)} (${error.code})`);
  const text = error instanceof Error ? error.message : String(error);
  return printable(text.split("\n")[0] ?? "");
}

/** Why a connection or a stream failed, behind the line that says so. */
export function causeText(cause: WsError | undefined): string {
  return cause === undefined ? "" : `  (${cause.code}: ${wsErrorText(cause)})`;
}

/** The JSON form of an error, `null` for none. */
export function causeRecord(cause: WsError | undefined): object | null {
  if (cause === undefined) return null;
  const { kind, code, message, close } = cause;
  return { kind, code, message, ...(close === undefined ? {} : { close }) };
}

/**
 * With the reason that the peer gave for closing: the message leaves it out, since it is the peer's
 * text, but people want to know.
 */
function wsErrorText({ message, close }: WsError): string {
  return close === undefined || close.reason === "" ? message : `${message}: "${close.reason}"`;
}
