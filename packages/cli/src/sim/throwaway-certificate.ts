import { createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";

// How this works: Node makes keys and signatures, but no certificates. A certificate is a few
// nested records in DER (X.690: tag, length, contents), which are put together here: the fields of
// RFC 5280 that a client looks at, for the loopback names only, signed with the certificate's own
// key.

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  time: 0x17,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Object identifiers, encoded. */
const OID = {
  commonName: "550403",
  ecdsaWithSha256: "2a8648ce3d040302",
  basicConstraints: "551d13",
  alternativeNames: "551d11",
} as const;

const HOUR_MS = 3_600_000;

/** A certificate and its key, in PEM. */
export interface ThrowawayCertificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * Makes a self-signed certificate for `localhost`, 127.0.0.1 and ::1, with a key of its own. A
 * client that trusts it as an authority accepts the server.
 *
 * @param lifeMs how long it is valid, in milliseconds. It is valid from an hour before now, because
 *   clocks differ
 */
export function throwawayCertificate(lifeMs: number, now: number): ThrowawayCertificate {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const algorithm = sequence(der(TAG.oid, Buffer.from(OID.ecdsaWithSha256, "hex")));
  const name = sequence(
    der(TAG.set, sequence(oid("commonName"), der(TAG.utf8, Buffer.from("oath-ws simulator")))),
  );
  const body = sequence(
    // Version 3.
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    name,
    sequence(time(now - HOUR_MS), time(now + lifeMs)),
    name,
    publicKey,
    der(0xa3, sequence(constraints(), names())),
  );
  const signature = sign("sha256", body, privateKey);
  const whole = sequence(
    body,
    algorithm,
    der(TAG.bits, Buffer.concat([Buffer.alloc(1), signature])),
  );
  return {
    cert: pem(whole),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** It may sign: clients look for an authority, and it is its own. */
function constraints(): Buffer {
  const isAuthority = der(TAG.boolean, Buffer.from([0xff]));
  const critical = der(TAG.boolean, Buffer.from([0xff]));
  return sequence(oid("basicConstraints"), critical, der(TAG.octets, sequence(isAuthority)));
}

function names(): Buffer {
  const dns = der(0x82, Buffer.from("localhost"));
  const ipv4 = der(0x87, Buffer.from([127, 0, 0, 1]));
  const ipv6 = der(0x87, Buffer.concat([Buffer.alloc(15), Buffer.from([1])]));
  return sequence(oid("alternativeNames"), der(TAG.octets, sequence(dns, ipv4, ipv6)));
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size =
    length < 0x80
      ? [length]
      : length < 0x1_00
        ? [0x81, length]
        : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(TAG.sequence, ...parts);
}

function oid(name: keyof typeof OID): Buffer {
  return der(TAG.oid, Buffer.from(OID[name], "hex"));
}

/** A number whose first bit is 0. */
function integer(bytes: Buffer): Buffer {
  return der(TAG.integer, bytes);
}

/** `261130143916Z`: years before 2050 have two digits (RFC 5280 section 4.1.2.5). */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/^20|\.\d+|[-:T]/g, "");
  return der(TAG.time, Buffer.from(digits));
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
