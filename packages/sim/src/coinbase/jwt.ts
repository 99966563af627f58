import { type KeyObject, verify } from "node:crypto";

/** A key that JWTs are checked against. */
export interface JwtKey {
  readonly keyName: string;
  readonly algorithm: "ES256" | "EdDSA";
  readonly publicKey: KeyObject;
}

/**
 * What became of a JWT. `problem` is for the reader of the record; the venue itself says
 * "authentication failure" to all of them.
 */
export type JwtVerdict<Key> =
  | { readonly kind: "good"; readonly key: Key; readonly nonce: string }
  | { readonly kind: "bad"; readonly problem: string; readonly nonce: string | undefined };

/**
 * Checks a JWT as C-11 has it: header, claims, lifetime and signature. `nowMs` is the venue's wall
 * clock.
 */
export function checkJwt<Key extends JwtKey>(
  token: string,
  keys: readonly Key[],
  nowMs: number,
  lifetimeMs: number,
): JwtVerdict<Key> {
  const [head, body, signature, ...more] = token.split(".");
  const header = decode(head);
  const claims = decode(body);
  const nonce = typeof header?.["nonce"] === "string" ? header["nonce"] : undefined;
  const bad = (problem: string): JwtVerdict<Key> => ({ kind: "bad", problem, nonce });
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0)
    return bad("is no JWT");
  const key = keys.find(({ keyName }) => keyName === header["kid"]);
  if (key === undefined) return bad("unknown kid");
  if (header["alg"] !== key.algorithm) return bad("wrong alg");
  if (header["typ"] !== "JWT") return bad("wrong typ");
  if (nonce === undefined || !/^[0-9a-f]{8,}$/i.test(nonce)) return bad("the nonce is no hex text");
  if (claims["sub"] !== key.keyName) return bad("sub is not the key");
  if (claims["iss"] !== "cdp") return bad("wrong iss");
  if ("uri" in claims) return bad("a uri has no place in a WebSocket JWT");
  const { nbf, exp } = claims;
  const now = nowMs / 1_000;
  if (typeof nbf !== "number" || typeof exp !== "number") return bad("nbf or exp is no number");
  // A second is lost where times are cut to whole ones.
  if (nbf > now + 1) return bad("not valid yet");
  if (exp <= now) return bad("expired");
  if (exp > nbf + lifetimeMs / 1_000) return bad("valid for too long");
  const signed = Buffer.from(`${head}.${body}`);
  const bytes = Buffer.from(signature, "base64url");
  const good =
    key.algorithm === "ES256"
      ? verify("sha256", signed, { key: key.publicKey, dsaEncoding: "ieee-p1363" }, bytes)
      : verify(null, signed, key.publicKey, bytes);
  return good ? { kind: "good", key, nonce } : bad("the signature is wrong");
}

function decode(part: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (part === undefined || !/^[\w-]+$/.test(part)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return typeof value === "object" && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
