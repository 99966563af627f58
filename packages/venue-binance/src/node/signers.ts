import { createHmac, createPrivateKey, KeyObject, sign } from "node:crypto";
import { ConfigError } from "@oath-ws/contract";
import type { Signer } from "../rest/signed-request.js";

/**
 * Signs with an Ed25519 key, which is what the venue recommends and the only kind that
 * `session.logon` takes (B-33).
 *
 * @param key the private key, as PEM or as a key object
 * @throws ConfigError when it is no private Ed25519 key; the key is not shown
 */
export function ed25519Signer(key: string | KeyObject): Signer {
  const privateKey = privateKeyOf(key, "ed25519");
  return (payload) => sign(null, Buffer.from(payload), privateKey).toString("base64");
}

/**
 * Signs with an RSA key (PKCS#1 v1.5 over SHA-256).
 *
 * @param key the private key, as PEM or as a key object
 * @throws ConfigError when it is no private RSA key; the key is not shown
 */
export function rsaSigner(key: string | KeyObject): Signer {
  const privateKey = privateKeyOf(key, "rsa");
  return (payload) => sign("sha256", Buffer.from(payload), privateKey).toString("base64");
}

/**
 * Signs with the secret of an HMAC key.
 *
 * @throws ConfigError when the secret is empty
 */
export function hmacSigner(secret: string): Signer {
  if (typeof secret !== "string" || secret === "")
    throw new ConfigError([{ path: "secret", message: "must be a text that is not empty" }]);
  return (payload) => createHmac("sha256", secret).update(payload).digest("hex");
}

function privateKeyOf(key: string | KeyObject, type: "ed25519" | "rsa"): KeyObject {
  let privateKey: KeyObject;
  try {
    privateKey = key instanceof KeyObject ? key : createPrivateKey(key);
  } catch {
    // What the parser says may quote the key.
    throw new ConfigError([{ path: "key", message: "cannot be read as a private key" }]);
  }
  if (privateKey.type !== "private" || privateKey.asymmetricKeyType !== type) {
    throw new ConfigError([
      {
        path: "key",
        message:
          `must be a private ${type} key, ` +
          `got ${privateKey.asymmetricKeyType ?? privateKey.type}`,
      },
    ]);
  }
  return privateKey;
}
