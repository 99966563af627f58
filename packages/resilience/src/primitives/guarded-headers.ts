const MAY_BE_SECRET = /auth|cookie|key|secret|session|token/;

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

/**
 * A copy of response headers in which those that may hold secrets are not enumerable: they can be
 * read by name, and are not printed or serialized.
 */
export function guardedHeaders(
  headers: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  if (headers === undefined) return NO_HEADERS;
  const guarded: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const enumerable = !MAY_BE_SECRET.test(name.toLowerCase());
    Object.defineProperty(guarded, name, { value, enumerable });
  }
  return Object.freeze(guarded);
}
