/**
 * The cookies of one gateway: what it has set is shown to it again (I-3). Their values are secrets.
 */
export class CookieJar {
  readonly #cookies = new Map<string, string>();

  /**
   * Takes a `Set-Cookie` header. Path, domain and flags are not looked at: there is one server, and
   * it is spoken to by TLS or on loopback.
   */
  store(header: string): void {
    const [pair = "", ...attributes] = header.split(";");
    const at = pair.indexOf("=");
    if (at <= 0) return;
    const name = pair.slice(0, at).trim();
    if (attributes.some((attribute) => /^\s*max-age\s*=\s*(-|0\s*$)/i.test(attribute)))
      this.#cookies.delete(name);
    else this.#cookies.set(name, pair.slice(at + 1).trim());
  }

  /** The value of a `Cookie` header with these cookies and further ones; `undefined` for none. */
  header(further: Readonly<Record<string, string>> = {}): string | undefined {
    const pairs = [...this.#cookies, ...Object.entries(further)].map(
      ([name, value]) => `${name}=${value}`,
    );
    return pairs.length === 0 ? undefined : pairs.join("; ");
  }
}
