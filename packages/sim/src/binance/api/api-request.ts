import type { ApiError } from "./api-error.js";
import { API_ERRORS, missing } from "./api-error.js";
import type { Params } from "./signature.js";

/** Ids that the venue accepts: a whole number, a short text, or null. */
export type ApiRequestId = number | string | null;

/** A request of the WebSocket API, read but not yet understood (B-32). */
interface ApiRequest {
  readonly id: ApiRequestId;
  readonly method: string;
  readonly params: Params;
}

export type ParsedApiRequest =
  | { readonly kind: "request"; readonly request: ApiRequest }
  | { readonly kind: "error"; readonly id: ApiRequestId; readonly error: ApiError };

/** Reads a request. */
export function parseApiRequest(text: string): ParsedApiRequest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "error", id: null, error: API_ERRORS.badJson };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { kind: "error", id: null, error: API_ERRORS.badJson };
  }
  const {
    id = null,
    method,
    params = {},
  } = value as { id?: unknown; method?: unknown; params?: unknown };
  const idHolds =
    id === null || Number.isSafeInteger(id) || (typeof id === "string" && id.length <= 36);
  if (!idHolds) return { kind: "error", id: null, error: API_ERRORS.badId };
  const requestId = id as ApiRequestId;
  if (typeof method !== "string") return { kind: "error", id: requestId, error: missing("method") };
  if (typeof params !== "object" || params === null || Array.isArray(params)) {
    return { kind: "error", id: requestId, error: missing("params") };
  }
  return { kind: "request", request: { id: requestId, method, params: params as Params } };
}
