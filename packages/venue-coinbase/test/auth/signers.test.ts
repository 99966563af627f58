import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JwtSigner } from "@oath-ws/venue-coinbase";
import {
  ed25519Signer,
  es256Signer,
  jwtSigner,
  signerFromKeyFile,
} from "@oath-ws/venue-coinbase/node";
import { base64url, makeJwt } from "../../src/auth/jwt.js";

const KEY_NAME = "organizations/o/apiKeys/k";
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ed = generateKeyPairSync("ed25519");
const seed = Buffer.from(ed.privateKey.export({ format: "jwk" }).d ?? "", "base64url");

function parts(
  token: string,
): readonly [
  header: Readonly<Record<string, unknown>>,
  claims: unknown,
  signed: Buffer,
  signature: Buffer,
] {
  const [header = "", claims = "", signature = ""] = token.split(".");
  const read = (text: string): Readonly<Record<string, unknown>> =>
    JSON.parse(Buffer.from(text, "base64url").toString()) as Readonly<Record<string, unknown>>;
  return [
    read(header),
    read(claims),
    Buffer.from(`${header}.${claims}`),
    Buffer.from(signature, "base64url"),
  ];
}

/** Every form in which a key may come. */
const SIGNERS: Readonly<Record<string, () => JwtSigner>> = {
  "EC, SEC1 PEM": () =>
    es256Signer({
      keyName: KEY_NAME,
      privateKey: ec.privateKey.export({ format: "pem", type: "sec1" }).toString(),
    }),
  "EC, PKCS8 PEM": () =>
    es256Signer({
      keyName: KEY_NAME,
      privateKey: ec.privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    }),
  "EC, PEM with written line breaks": () =>
    es256Signer({
      keyName: KEY_NAME,
      privateKey: ec.privateKey
        .export({ format: "pem", type: "sec1" })
        .toString()
        .replaceAll("\n", "\\n"),
    }),
  "EC, key object": () => es256Signer({ keyName: KEY_NAME, privateKey: ec.privateKey }),
  "Ed25519, PEM": () =>
    ed25519Signer({
      keyName: KEY_NAME,
      privateKey: ed.privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    }),
  "Ed25519, 32 bytes": () =>
    ed25519Signer({ keyName: KEY_NAME, privateKey: seed.toString("base64") }),
  "Ed25519, 64 bytes": () =>
    ed25519Signer({
      keyName: KEY_NAME,
      privateKey: Buffer.concat([seed, Buffer.alloc(32)]).toString("base64"),
    }),
  "EC, told from the key": () => jwtSigner({ keyName: KEY_NAME, privateKey: ec.privateKey }),
  "Ed25519, told from the key": () =>
    jwtSigner({ keyName: KEY_NAME, privateKey: seed.toString("base64") }),
  "EC, in a file": () =>
    signerFromKeyFile(
      JSON.stringify({
        name: KEY_NAME,
        privateKey: ec.privateKey.export({ format: "pem", type: "sec1" }).toString(),
      }),
    ),
  "Ed25519, in a file": () =>
    signerFromKeyFile(JSON.stringify({ id: KEY_NAME, privateKey: seed.toString("base64") })),
};

describe("a token", () => {
  it.each(Object.keys(SIGNERS))("is what the venue asks for: %s", async (form) => {
    const signer = SIGNERS[form]!();
    const token = await makeJwt(signer, 1_700_000_000_987);
    const [header, claims, signed, signature] = parts(token);
    const algorithm = form.startsWith("EC") ? "ES256" : "EdDSA";
    const { nonce, ...rest } = header;
    expect(rest).toEqual({ alg: algorithm, kid: KEY_NAME, typ: "JWT" });
    expect(nonce).toMatch(/^[0-9a-f]{32}$/);
    expect(claims).toEqual({ sub: KEY_NAME, iss: "cdp", nbf: 1_700_000_000, exp: 1_700_000_120 });
    expect(signature).toHaveLength(64);
    const good =
      algorithm === "ES256"
        ? verify("sha256", signed, { key: ec.publicKey, dsaEncoding: "ieee-p1363" }, signature)
        : verify(null, signed, createPublicKey(ed.privateKey), signature);
    expect(good).toBe(true);
    expect(parts(await makeJwt(signer, 0))[0]).not.toEqual(header);
  });

  it("is encoded as RFC 4648 has it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(base64url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
      }),
    );
  });
});

describe("keys that cannot work", () => {
  it("are refused without being shown", () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 1_024 }).privateKey;
    const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
    const bad = [
      () => es256Signer({ keyName: KEY_NAME, privateKey: "very-secret" }),
      () => ed25519Signer({ keyName: KEY_NAME, privateKey: "very-secret" }),
      () => es256Signer({ keyName: KEY_NAME, privateKey: ed.privateKey }),
      () => es256Signer({ keyName: KEY_NAME, privateKey: p384 }),
      () => ed25519Signer({ keyName: KEY_NAME, privateKey: rsa }),
      () => ed25519Signer({ keyName: KEY_NAME, privateKey: ed.publicKey }),
      () => ed25519Signer({ keyName: "", privateKey: ed.privateKey }),
      () => jwtSigner({ keyName: KEY_NAME, privateKey: rsa }),
      () => jwtSigner({ keyName: KEY_NAME, privateKey: p384 }),
      () => signerFromKeyFile("very-secret"),
      () => signerFromKeyFile('["very-secret"]'),
      () => signerFromKeyFile("null"),
      () => signerFromKeyFile('{"privateKey":"very-secret"}'),
      () => signerFromKeyFile('{"name":"k","privateKey":["very-secret"]}'),
      () => signerFromKeyFile('{"name":"k","privateKey":"very-secret"}'),
    ];
    for (const act of bad) {
      expect(act).toThrowError(expect.objectContaining({ code: "CONFIG_INVALID" }));
      expect(act).not.toThrowError(/very-secret/);
    }
  });
});
