/** Headers as Node's HTTP client gives them, or as strings already. */
export type HeaderMap = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * An answer's headers as strings. Node gives names in lower case; repeated headers (only
 * `Set-Cookie` stays a list) are joined as the platform's `fetch` does.
 */
export function flatHeaders(headers: HeaderMap): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = typeof value === "string" ? value : value.join(", ");
  }
  return flat;
}
