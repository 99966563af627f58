import { createPrivateKey, KeyObject, randomBytes, sign } from "node:crypto";
import { ConfigError } from "@oath-ws/contract";
import type { JwtSigner } from "../auth/jwt-signer.js";

/** The key as the venue hands it out (C-12). */
export interface ApiKey {
  /** `organizations/.../apiKeys/...`. */
  readonly keyName: string;
  /**
   * PEM (line breaks may be written as `\n`, as environment files have them), a key object, or for
   * Ed25519 the base64 of 32 or 64 bytes.
   */
  readonly privateKey: string | KeyObject;
}

/** What goes before the 32 bytes of an Ed25519 seed to make it PKCS#8 (RFC 8410 section 7). */
const ED25519_PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * Signs with an EC P-256 key.
 *
 * @throws ConfigError when the key is none, or of another kind; the key is not shown
 */
export function es256Signer(key: ApiKey): JwtSigner {
  return signerWith(key, expectType(readKey(key), "ec"));
}

/**
 * Signs with an Ed25519 key.
 *
 * @throws ConfigError when the key is none, or of another kind; the key is not shown
 */
export function ed25519Signer(key: ApiKey): JwtSigner {
  return signerWith(key, expectType(readKey(key), "ed25519"));
}

/**
 * Signs with either kind of key, whichever it is.
 *
 * @throws ConfigError when the key is none, or of a kind that the venue does not take; the key is
 *   not shown
 */
export function jwtSigner(key: ApiKey): JwtSigner {
  return signerWith(key, readKey(key));
}

function signerWith({ keyName }: ApiKey, key: KeyObject): JwtSigner {
  if (typeof keyName !== "string" || keyName === "") {
    throw new ConfigError([{ path: "keyName", message: "must be a text that is not empty" }]);
  }
  const common = { keyName, nonce: () => randomBytes(16).toString("hex") };
  switch (key.asymmetricKeyType) {
    case "ec":
      if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
        throw fault("must be on the curve P-256");
      return {
        ...common,
        algorithm: "ES256",
        sign: (data) => sign("sha256", data, { key, dsaEncoding: "ieee-p1363" }),
      };
    case "ed25519":
      return { ...common, algorithm: "EdDSA", sign: (data) => sign(null, data, key) };
    default:
      throw fault(`must be an EC or Ed25519 key, got ${key.asymmetricKeyType}`);
  }
}

function expectType(key: KeyObject, type: "ec" | "ed25519"): KeyObject {
  if (key.asymmetricKeyType !== type)
    throw fault(`must be an ${type} key, got ${key.asymmetricKeyType}`);
  return key;
}

function readKey({ privateKey }: ApiKey): KeyObject {
  let key: KeyObject;
  try {
    key = privateKey instanceof KeyObject ? privateKey : parse(privateKey);
  } catch {
    // What the parser says may quote the key.
    throw fault("cannot be read as a private key");
  }
  if (key.type !== "private") throw fault(`must be a private key, got a ${key.type} one`);
  return key;
}

function parse(text: string): KeyObject {
  const pem = text.replaceAll("\\n", "\n").trim();
  if (pem.startsWith("-----BEGIN")) return createPrivateKey(pem);
  const bytes = Buffer.from(pem, "base64");
  if (bytes.byteLength !== 32 && bytes.byteLength !== 64) throw new RangeError("wrong length");
  return createPrivateKey({
    key: Buffer.concat([ED25519_PKCS8, bytes.subarray(0, 32)]),
    format: "der",
    type: "pkcs8",
  });
}

function fault(message: string): ConfigError {
  return new ConfigError([{ path: "privateKey", message }]);
}
