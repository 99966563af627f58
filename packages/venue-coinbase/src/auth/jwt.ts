import type { JwtSigner } from "./jwt-signer.js";

/** How long a token is good for, in seconds: what the venue asks for (C-11). */
const LIFETIME_SECONDS = 120;

/**
 * A new token (C-11). Each request gets its own; the venue looks at it when the request comes and
 * never again (C-13).
 */
export async function makeJwt(signer: JwtSigner, wallMs: number): Promise<string> {
  const { algorithm, keyName } = signer;
  const now = Math.floor(wallMs / 1_000);
  const header = { alg: algorithm, kid: keyName, nonce: signer.nonce(), typ: "JWT" };
  const claims = { sub: keyName, iss: "cdp", nbf: now, exp: now + LIFETIME_SECONDS };
  const unsigned = `${encodeJson(header)}.${encodeJson(claims)}`;
  const signature = await signer.sign(new TextEncoder().encode(unsigned));
  return `${unsigned}.${base64url(signature)}`;
}

function encodeJson(value: object): string {
  return base64url(new TextEncoder().encode(JSON.stringify(value)));
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** RFC 4648 section 5, without padding. */
export function base64url(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let digit = 0; digit < Math.min(left, 3) + 1; digit++)
      text += DIGITS.charAt((group >> (18 - 6 * digit)) & 63);
  }
  return text;
}
