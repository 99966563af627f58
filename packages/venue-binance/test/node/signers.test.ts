import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { signaturePayload } from "@oath-ws/venue-binance";
import { ed25519Signer, hmacSigner, rsaSigner } from "@oath-ws/venue-binance/node";
import { describe, expect, it } from "vitest";

const KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
const SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
const ORDER = {
  type: "LIMIT",
  timestamp: 1_645_423_376_532,
  timeInForce: "GTC",
  side: "SELL",
  apiKey: KEY,
};

describe("signaturePayload", () => {
  it("sorts by name, leaves the signature out, and encodes nothing", () => {
    expect(signaturePayload({ b: "a&b", signature: "x", a: 1, c: true })).toBe("a=1&b=a&b&c=true");
  });
});

describe("signers", () => {
  it.each([
    [
      { symbol: "BTCUSDT", price: "52000.00", quantity: "0.01000000", recvWindow: 100 },
      "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24",
    ],
    [
      {
        symbol: "１２３４５６",
        price: "0.10000000",
        quantity: "1.00000000",
        recvWindow: 5_000,
        side: "BUY",
      },
      "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd",
    ],
  ])("give the venue's documented HMAC signature", async (order, signature) => {
    expect(await hmacSigner(SECRET)(signaturePayload({ ...ORDER, ...order }))).toBe(signature);
  });

  it("sign with Ed25519 what the public key verifies", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const signature = await ed25519Signer(pem)("a=1");
    expect(verify(null, Buffer.from("a=1"), publicKey, Buffer.from(signature, "base64"))).toBe(
      true,
    );
  });

  it("sign with RSA what the public key verifies", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const signature = await rsaSigner(privateKey)("a=1");
    expect(verify("sha256", Buffer.from("a=1"), publicKey, Buffer.from(signature, "base64"))).toBe(
      true,
    );
  });

  it("refuse keys that cannot work, without showing them", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    expect(() => rsaSigner(privateKey)).toThrowError(/must be a private rsa key, got ed25519/);
    expect(() => ed25519Signer(createPublicKey(privateKey))).toThrowError(
      /must be a private ed25519 key/,
    );
    expect(() => ed25519Signer("-----BEGIN canary")).toThrowError(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
    expect(() => ed25519Signer("-----BEGIN canary")).toThrowError(/^(?!.*canary)/s);
    expect(() => hmacSigner("")).toThrowError(/secret/);
  });
});
