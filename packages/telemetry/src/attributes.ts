import type { Attributes } from "@opentelemetry/api";
import type { WsError } from "oath-ws";

/** Name under which meters and tracers are asked for. */
export const SCOPE = "@oath-ws/telemetry";

/** Stands for everything that would make a new series where there are too many already. */
export const OTHER = "OTHER";

/** The attributes of a connection: its name and the origin of its server, never its id. */
export function connectionAttributes(name: string, endpoint: string): Attributes {
  return { "oath_ws.connection": name, "oath_ws.endpoint": endpoint };
}

/**
 * A code as a value of an attribute. Codes may come from the caller's own errors; one that does not
 * look like a code could hold a secret, and becomes {@link OTHER}.
 */
export function safeCode(code: string): string {
  return /^[A-Z][A-Z0-9_-]{0,47}$/.test(code) ? code : OTHER;
}

/** What an error may say: its kind and its code. Its message may quote anything. */
export function errorAttributes({ kind, code }: Pick<WsError, "kind" | "code">): Attributes {
  return { "oath_ws.error.kind": kind, "error.type": safeCode(code) };
}
