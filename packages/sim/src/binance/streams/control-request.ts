/** The request grammar of the market streams (B-13). */

/** Ids that the venue accepts: a whole number, a short text, or null. */
type RequestId = number | string | null;

/** A request, understood. */
export type ControlRequest =
  | {
      readonly method: "SUBSCRIBE" | "UNSUBSCRIBE";
      readonly id: RequestId;
      readonly streams: readonly string[];
    }
  | { readonly method: "LIST_SUBSCRIPTIONS"; readonly id: RequestId }
  | { readonly method: "GET_PROPERTY"; readonly id: RequestId; readonly property: "combined" }
  | {
      readonly method: "SET_PROPERTY";
      readonly id: RequestId;
      readonly property: "combined";
      readonly value: boolean;
    };

/** A documented error. */
export interface ControlError {
  readonly code: number;
  readonly msg: string;
  readonly id?: RequestId;
}

export type ParsedControl =
  | { readonly kind: "request"; readonly request: ControlRequest }
  | { readonly kind: "error"; readonly error: ControlError };

const METHODS = [
  "SUBSCRIBE",
  "UNSUBSCRIBE",
  "LIST_SUBSCRIPTIONS",
  "SET_PROPERTY",
  "GET_PROPERTY",
] as const;
const TEXT_ID = /^[A-Za-z0-9_-]{1,36}$/;

/** Reads a request. The order of the checks decides which of several faults is reported. */
export function parseControl(text: string): ParsedControl {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail(3, `Invalid JSON: expected value at line 1 column ${firstBadColumn(text)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return fail(3, "Invalid JSON: expected value at line 1 column 1");
  }
  const {
    method,
    params,
    id = null,
  } = value as { method?: unknown; params?: unknown; id?: unknown };
  if (!isRequestId(id)) return fail(2, "Invalid request: request ID must be an unsigned integer");
  if (method === undefined)
    return fail(2, `Invalid request: missing field \`method\` at line 1 column ${text.length}`, id);
  const known = METHODS.find((candidate) => candidate === method);
  if (known === undefined) {
    const name = typeof method === "string" ? method : JSON.stringify(method);
    const variants = METHODS.map((each) => `\`${each}\``).join(", ");
    const column = Math.max(1, text.indexOf(name) + name.length + 1);
    const msg =
      `Invalid request: unknown variant \`${name}\`, expected one of ${variants} at line 1 ` +
      `column ${column}`;
    return fail(2, msg, id);
  }
  switch (known) {
    case "LIST_SUBSCRIPTIONS":
      return { kind: "request", request: { method: known, id } };
    case "SUBSCRIBE":
    case "UNSUBSCRIBE":
      if (!Array.isArray(params) || !params.every((name) => typeof name === "string")) {
        return fail(2, "Invalid request: params must be an array of stream names", id);
      }
      return { kind: "request", request: { method: known, id, streams: params } };
    case "GET_PROPERTY":
    case "SET_PROPERTY":
      return parseProperty(known, params, id);
    default:
      return known satisfies never;
  }
}

function parseProperty(
  method: "GET_PROPERTY" | "SET_PROPERTY",
  params: unknown,
  id: RequestId,
): ParsedControl {
  if (!Array.isArray(params) || typeof params[0] !== "string") {
    return fail(2, "Invalid request: property name must be a string", id);
  }
  const expected = method === "GET_PROPERTY" ? 1 : 2;
  if (params.length > expected) return fail(2, "Invalid request: too many parameters", id);
  const [property, value] = params as [string, unknown];
  if (property !== "combined") return fail(0, "Unknown property", id);
  if (method === "GET_PROPERTY") return { kind: "request", request: { method, id, property } };
  if (typeof value !== "boolean") return fail(1, "Invalid value type: expected Boolean", id);
  return { kind: "request", request: { method, id, property, value } };
}

function isRequestId(id: unknown): id is RequestId {
  return id === null || Number.isSafeInteger(id) || (typeof id === "string" && TEXT_ID.test(id));
}

function fail(code: number, msg: string, id?: RequestId): ParsedControl {
  return { kind: "error", error: id === undefined ? { code, msg } : { code, msg, id } };
}

/**
 * A column near the fault: the longest prefix that may still become JSON is not worth a parser of
 * its own.
 */
function firstBadColumn(text: string): number {
  const start = text.search(/\S/);
  return start >= 0 && !/[[{"\d\-tfn]/.test(text[start] ?? "") ? start + 1 : text.length;
}
