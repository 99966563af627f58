import type { FromPage } from "./protocol.js";

/** The longest text that a page may send in one field. */
const MAX_TEXT = 200;

/** Reads what a page said; `undefined` for anything that no page of ours says. */
export function pageMessage(text: string): FromPage | undefined {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof said !== "object" || said === null) return undefined;
  const fields = said as Readonly<Record<string, unknown>>;
  const { token, code, connection, topic, filter, from, simulator, fault } = fields;
  switch (fields["type"]) {
    case "hello":
      return isTextOrNone(token) && isTextOrNone(code) ? { type: "hello", token, code } : undefined;
    case "watch":
      return isKeyOrNone(connection) && isKeyOrNone(topic) && isText(filter) && isKey(from)
        ? { type: "watch", connection, topic, filter, from }
        : undefined;
    case "reconnect":
      return isText(token) && isKey(connection)
        ? { type: "reconnect", token, connection }
        : undefined;
    case "fault":
      return isText(token) && isKey(simulator) && isText(fault)
        ? { type: "fault", token, simulator, fault }
        : undefined;
    case "newCode":
      return { type: "newCode" };
    default:
      return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_TEXT;
}

function isTextOrNone(value: unknown): value is string | undefined {
  return value === undefined || isText(value);
}

function isKey(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isKeyOrNone(value: unknown): value is number | undefined {
  return value === undefined || isKey(value);
}
