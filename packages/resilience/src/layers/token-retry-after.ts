import { at } from "../primitives/at.js";
import { parseRetryAfter } from "../primitives/retry-after.js";

/** Where libraries keep the headers of the answer that an error tells of. */
const HEADERS_AT: readonly (readonly string[])[] = [
  // axios, got, ky, gaxios, superagent, oauth4webapi
  ["response", "headers"],
  // undici; also a `Response` that is the cause
  ["headers"],
  // the AWS SDK
  ["$response", "headers"],
];

/** As a `Headers` or an `AxiosHeaders` has it. */
interface Getter {
  get(name: string): unknown;
}

/**
 * For how long a token service asked to be left alone, in milliseconds: its `Retry-After` header,
 * in the first of these errors that shows one. `undefined` when none does.
 *
 * @param chain the error and its causes
 */
export function tokenRetryAfter(chain: readonly unknown[], wallNow: number): number | undefined {
  for (const error of chain) {
    for (const path of HEADERS_AT) {
      const headers = path.reduce(at, error);
      const date = headerOf(headers, "date");
      const retryAfterMs = parseRetryAfter(headerOf(headers, "retry-after"), date, wallNow);
      if (retryAfterMs !== undefined) return retryAfterMs;
    }
  }
  return undefined;
}

/** @param headers a plain object in any case, or something with `get()`, such as a `Headers` */
function headerOf(headers: unknown, name: string): string | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  const value =
    "get" in headers ? gotten(headers as Getter, name) : at(headers, keyOf(headers, name));
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" || typeof first === "number" ? String(first) : undefined;
}

function gotten(headers: Getter, name: string): unknown {
  try {
    return headers.get(name);
  } catch {
    // It has another shape than it seems to have; the failure itself is what has to be told.
    return undefined;
  }
}

function keyOf(headers: object, name: string): string {
  return Object.keys(headers).find((key) => key.toLowerCase() === name) ?? name;
}
