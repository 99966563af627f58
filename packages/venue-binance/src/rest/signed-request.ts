/**
 * Signs what {@link signaturePayload} made. The secret stays inside: in a key object, a hardware
 * key, another process. Gives the signature as the venue wants it: base64 for Ed25519 and RSA, hex
 * for HMAC-SHA-256 (B-35).
 */
export type Signer = (payload: string) => string | Promise<string>;

/**
 * The text that a request's signature is over: its parameters but the signature, sorted by name,
 * not percent-encoded (B-35).
 */
export function signaturePayload(
  params: Readonly<Record<string, string | number | boolean>>,
): string {
  return Object.keys(params)
    .filter((name) => name !== "signature")
    .sort()
    .map((name) => `${name}=${String(params[name])}`)
    .join("&");
}
