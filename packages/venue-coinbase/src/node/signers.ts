import { createPrivateKey, KeyObject, randomBytes, sign } from "node:crypto";
import { ConfigError } from "@oath-ws/contract";
import type { JwtSigner } from "../auth/jwt-signer.js";

/** The key as the venue hands it out (C-12). */
export interface ApiKey {
  /** `organizations/.../apiKeys/...`. */
  readonly keyName: string;
  /**
   * PEM (line breaks may be written as `\n`, as environment files have them), a key object, or for Ed25519 the base64 of 32 or 64 bytes.
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
  const privateKey = readKey(key, "ec");
  if (privateKey.asymmetricKeyDetails?.namedCurve !== "prime256v1") throw fault("must be on the curve P-256");
  return signer(key, "ES256", (data) => sign("sha256", data, { key: privateKey, dsaEncoding: "ieee-p1363" }));
}

/**
 * Signs with an Ed25519 key.
 *
 * @throws ConfigError when the key is none, or of another kind; the key is not shown
 */
export function ed25519Signer(key: ApiKey): JwtSigner {
  const privateKey = readKey(key, "ed25519");
  return signer(key, "EdDSA", (data) => sign(null, data, privateKey));
}

function signer({ keyName }: ApiKey, algorithm: JwtSigner["algorithm"], signData: JwtSigner["sign"]): JwtSigner {
  if (typeof keyName !== "string" || keyName === "") {
    throw new ConfigError([{ path: "keyName", message: "must be a text that is not empty" }]);
  }
  return { algorithm, keyName, sign: signData, nonce: () => randomBytes(16).toString("hex") };
}

function readKey({ privateKey }: ApiKey, type: "ec" | "ed25519"): KeyObject {
  let key: KeyObject;
  try {
    key = privateKey instanceof KeyObject ? privateKey : parse(privateKey, type);
  } catch {
    // What the parser says may quote the key.
    throw fault("cannot be read as a private key");
  }
  if (key.type !== "private" || key.asymmetricKeyType !== type) {
    throw fault(`must be a private ${type} key, got ${key.asymmetricKeyType ?? key.type}`);
  }
  return key;
}

function parse(text: string, type: "ec" | "ed25519"): KeyObject {
  const pem = text.replaceAll("\\n", "\n").trim();
  if (type === "ec" || pem.startsWith("-----BEGIN")) return createPrivateKey(pem);
  const bytes = Buffer.from(pem, "base64");
  if (bytes.byteLength !== 32 && bytes.byteLength !== 64) throw new RangeError("wrong length");
  return createPrivateKey({ key: Buffer.concat([ED25519_PKCS8, bytes.subarray(0, 32)]), format: "der", type: "pkcs8" });
}

function fault(message: string): ConfigError {
  return new ConfigError([{ path: "privateKey", message }]);
}
