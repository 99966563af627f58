/** The `token` of RFC 9110 section 5.6.2, which a subprotocol's name must be. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Names everything that is wrong with the subprotocols of a handshake; empty when they can be. */
export function* protocolFaults(protocols: unknown): Generator<string> {
  if (!Array.isArray(protocols)) {
    yield "the subprotocols must be an array";
    return;
  }
  const seen = new Set<unknown>();
  for (const [index, protocol] of protocols.entries()) {
    // By position, not by name: some venues take a token as a subprotocol.
    if (typeof protocol !== "string" || !TOKEN.test(protocol))
      yield `subprotocol ${index + 1} is not a token of RFC 9110`;
    else if (seen.has(protocol)) yield `subprotocol ${index + 1} is there twice`;
    seen.add(protocol);
  }
}
