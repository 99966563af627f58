import { createHmac, timingSafeEqual, verify } from "node:crypto";
import type { AccountSettings } from "./resolve-accounts.js";

/** Parameters of a request, as they came. */
export type Params = Readonly<Record<string, unknown>>;

/**
 * What a WebSocket API request signs: every parameter but the signature, by name, not
 * percent-encoded (B-35).
 */
export function signedText(params: Params): string {
  return Object.keys(params)
    .filter((name) => name !== "signature")
    .sort()
    .map((name) => `${name}=${String(params[name])}`)
    .join("&");
}

/**
 * Whether a signature is one of the account's keys' over this text: Ed25519 in base64, or
 * HMAC-SHA-256 in hex (B-35).
 */
export function signatureHolds(account: AccountSettings, text: string, signature: string): boolean {
  const data = Buffer.from(text);
  if (account.publicKey !== undefined) {
    const bytes = Buffer.from(signature, "base64");
    if (bytes.byteLength === 64 && verify(null, data, account.publicKey, bytes)) return true;
  }
  if (account.hmacSecret === undefined) return false;
  const expected = createHmac("sha256", account.hmacSecret).update(data).digest();
  const given = Buffer.from(signature, "hex");
  return given.byteLength === expected.byteLength && timingSafeEqual(given, expected);
}
