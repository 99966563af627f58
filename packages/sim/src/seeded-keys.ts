import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";
import type { SeededRandom } from "./random.js";

/** RFC 8410: everything of a private key in DER but its 32 bytes. */
const ED25519_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

/** A key pair that a simulated account signs with. */
export interface SimKeyPair {
  readonly publicKey: KeyObject;
  /** PKCS #8 in PEM. */
  readonly privateKey: string;
}

/** Makes a key pair of the seed, so that the same seed gives the same keys. For simulators only. */
export function seededKeys(random: SeededRandom, algorithm: "ES256" | "EdDSA"): SimKeyPair {
  const secret = Buffer.from(Array.from({ length: 32 }, () => random.between(0, 255)));
  const key = algorithm === "EdDSA" ? ed25519(secret) : p256(secret);
  return {
    publicKey: createPublicKey(key),
    privateKey: key.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}

function ed25519(secret: Buffer): KeyObject {
  const key = Buffer.concat([ED25519_HEAD, secret]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

function p256(secret: Buffer): KeyObject {
  // Below the order of the group, which begins with 0xffffffff.
  secret[0] = 0x7f;
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey();
  const key: JsonWebKey = {
    kty: "EC",
    crv: "P-256",
    d: secret.toString("base64url"),
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url"),
  };
  return createPrivateKey({ key, format: "jwk" });
}
