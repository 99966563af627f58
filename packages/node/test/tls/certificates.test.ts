import type { Socket } from "node:net";
import { checkServerIdentity } from "node:tls";
import type { PeerCertificate, TlsOptions } from "node:tls";
import { inspect } from "node:util";
import { open } from "oath-ws";
import { LeafRecorder } from "@oath-ws/testing";
import { beforeAll, describe, expect, it } from "vitest";
import type { WsTlsOptions } from "../../src/options/ws-connector-options.js";
import { hasOpenssl } from "../support/certificates.js";
import type { Identity } from "../support/certificates.js";
import { connect, handshake, nextFrame, wsErrorOf } from "../support/connections.js";
import { frame, OP } from "../support/frames.js";
import { gone, RawPeer, rawServer } from "../support/raw-server.js";
import type { RawServer } from "../support/raw-server.js";
import { LEAF_NAMES, LEAVES } from "../hostile/support/hostile-row.js";
import { Authority } from "./support/authority.js";

const available = hasOpenssl();

interface Material {
  readonly ca: string;
  readonly good: Identity;
  readonly wrongHost: Identity;
  readonly expired: Identity;
  readonly notYet: Identity;
  readonly clientOnly: Identity;
  readonly rsa1024: Identity;
  readonly selfSigned: Identity;
  readonly strangers: Identity;
  readonly client: Identity;
}

/** OpenSSL's security level is Node's own choice, whichever OpenSSL it has: 24 raised it to 2. */
const LEVEL_1_BY_DEFAULT = Number.parseInt(process.versions.node, 10) < 24;

function makeMaterial(): Material {
  const authority = new Authority();
  const other = new Authority();
  try {
    return {
      ca: authority.ca,
      good: authority.issue(),
      wrongHost: authority.issue({ san: "DNS:elsewhere.test" }),
      expired: authority.issue({ valid: ["20200101000000Z", "20200102000000Z"] }),
      notYet: authority.issue({ valid: ["20900101000000Z", "20900102000000Z"] }),
      clientOnly: authority.issue({ usage: "clientAuth" }),
      rsa1024: authority.issue({ key: ["rsa:1024"] }),
      selfSigned: authority.selfSigned(),
      strangers: other.issue(),
      client: authority.issue({ san: "DNS:client.test", usage: "clientAuth" }),
    };
  } finally {
    authority.remove();
    other.remove();
  }
}

/**
 * A server, a client that trusts the authority unless `client` says otherwise, and the platform's
 * code; none: it connects.
 */
interface Row {
  readonly name: string;
  readonly server: (made: Material) => TlsOptions;
  readonly client?: (made: Material) => WsTlsOptions;
  readonly code?: string | RegExp;
}

/**
 * Node's server looks at a client's certificate when the handshake is over, and drops the
 * connection without an alert.
 */
const REFUSED_LATE = /^(ECONNRESET|EPIPE)$/;

const mutual = ({ good, ca }: Material): TlsOptions => ({
  ...good,
  ca,
  requestCert: true,
  rejectUnauthorized: true,
});

const ROWS: readonly Row[] = [
  { name: "a good certificate", server: ({ good }) => good },
  { name: "an expired certificate", server: ({ expired }) => expired, code: "CERT_HAS_EXPIRED" },
  {
    name: "a certificate that is not valid yet",
    server: ({ notYet }) => notYet,
    code: "CERT_NOT_YET_VALID",
  },
  {
    name: "a certificate for another host",
    server: ({ wrongHost }) => wrongHost,
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  },
  {
    name: "a certificate of another authority",
    server: ({ strangers }) => strangers,
    code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  },
  {
    name: "a certificate of an authority that only the caller knows",
    server: ({ good }) => good,
    client: () => ({}),
    code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  },
  {
    name: "a self-signed certificate",
    server: ({ selfSigned }) => selfSigned,
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
  },
  {
    name: "a certificate for clients only",
    server: ({ clientOnly }) => clientOnly,
    code: "INVALID_PURPOSE",
  },
  {
    name: "TLS 1.1 only",
    server: ({ good }) => ({
      ...good,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    }),
    code: "EPROTO",
  },
  {
    name: "TLS 1.2 only, to a client that wants 1.3",
    server: ({ good }) => ({ ...good, maxVersion: "TLSv1.2" }),
    client: ({ ca }) => ({ ca, minVersion: "TLSv1.3" }),
    code: "EPROTO",
  },
  {
    name: "no cipher in common",
    server: ({ good }) => ({
      ...good,
      maxVersion: "TLSv1.2",
      ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256",
    }),
    client: ({ ca }) => ({ ca, maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384" }),
    code: "EPROTO",
  },
  // Level 1 takes 1024 bits. Level 2 does not, and there not even the server could be made with
  // such a key.
  ...(LEVEL_1_BY_DEFAULT
    ? [{ name: "an RSA key of 1024 bits, by default", server: ({ rsa1024 }: Material) => rsa1024 }]
    : []),
  {
    name: "mutual TLS and the right certificate",
    server: mutual,
    client: ({ ca, client }) => ({ ca, ...client }),
  },
  {
    name: "mutual TLS and no certificate",
    server: mutual,
    code: "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
  },
  {
    name: "mutual TLS and a certificate of another authority",
    server: mutual,
    client: ({ ca, strangers }) => ({ ca, ...strangers }),
    code: REFUSED_LATE,
  },
  {
    name: "mutual TLS and an expired certificate",
    server: mutual,
    client: ({ ca, expired }) => ({ ca, ...expired }),
    code: REFUSED_LATE,
  },
  {
    name: "mutual TLS over 1.2 and no certificate",
    server: (made) => ({ ...mutual(made), maxVersion: "TLSv1.2" }),
    code: "EPROTO",
  },
];

/** What answers a ClientHello is not TLS, or stops. */
const BROKEN: readonly { name: string; code: string; answer: (socket: Socket) => void }[] = [
  {
    name: "plain text",
    code: "EPROTO",
    answer: (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
  },
  {
    name: "bytes that are no record",
    code: "EPROTO",
    answer: (socket) => socket.end(Buffer.alloc(64, 0xff)),
  },
  { name: "RST", code: "ECONNRESET", answer: (socket) => socket.resetAndDestroy() },
  { name: "FIN", code: "ECONNRESET", answer: (socket) => socket.end() },
  {
    name: "half a record and FIN",
    code: "ECONNRESET",
    answer: (socket) => socket.end(Buffer.from([0x16, 3, 3, 0, 80, 2])),
  },
];

/** Serves each connection: it upgrades, and says hello. */
async function greet(server: RawServer): Promise<void> {
  for (;;) {
    const peer = new RawPeer(await server.next());
    // A client that does not like the certificate leaves.
    peer.upgrade(frame(OP.text, "hello")).catch(() => undefined);
  }
}

describe.skipIf(!available)(
  available ? "TLS" : "TLS (skipped: there is no openssl command)",
  () => {
    let made: Material;

    beforeAll(() => {
      made = makeMaterial();
    });

    describe.each(LEAF_NAMES)("of the %s leaf with", (leaf) => {
      it.each(ROWS)("$name", async ({ server: of, client = ({ ca }) => ({ ca }), code }) => {
        const server = await rawServer({ tls: of(made) });
        void greet(server);
        const connector = LEAVES[leaf]({ tls: client(made) });
        if (code === undefined) {
          expect(await nextFrame(await connect(connector, server.url))).toEqual(["text", "hello"]);
          return;
        }
        const error = await wsErrorOf(LeafRecorder.connect(connector, handshake(server.url)));
        expect(error.kind).toBe("connection");
        expect(error.code).toMatch(typeof code === "string" ? new RegExp(`^${code}$`) : code);
        expect(inspect(error, { depth: 20 })).not.toContain("PRIVATE KEY");
        await Promise.all(server.accepted.map(gone));
      });

      it.each(BROKEN)("$name in answer", async ({ code, answer }) => {
        const server = await rawServer();
        const failure = wsErrorOf(
          LeafRecorder.connect(LEAVES[leaf](), handshake(server.url.replace("ws:", "wss:"))),
        );
        const socket = await server.next();
        const left = gone(socket);
        socket.once("data", () => answer(socket));
        expect(await failure).toMatchObject({ kind: "connection", code });
        socket.destroy();
        await left;
      });

      it("an RSA key of 1024 bits, to a client at security level 2", async () => {
        const server = await rawServer({ tls: { ...made.rsa1024, ciphers: "DEFAULT@SECLEVEL=1" } });
        const connector = LEAVES[leaf]({ tls: { ca: made.ca, ciphers: "DEFAULT@SECLEVEL=2" } });
        const error = await wsErrorOf(LeafRecorder.connect(connector, handshake(server.url)));
        await Promise.all(server.accepted.map(gone));
        expect(error).toMatchObject({ kind: "connection", code: "UNSPECIFIED" });
        expect(error.message).toContain("key too weak");
      });

      it("no answer at all: the stack's deadline", async () => {
        const server = await rawServer();
        const opening = open(server.url.replace("ws:", "wss:"), {
          transport: leaf,
          config: { connect: { timeoutMs: 50 }, attempts: { maxAttempts: 1 } },
        });
        expect(await wsErrorOf(opening)).toMatchObject({
          code: "ATTEMPTS_EXHAUSTED",
          cause: { code: "CONNECT_TIMEOUT" },
        });
        for (const socket of server.accepted) socket.resume();
        await Promise.all(server.accepted.map(gone));
      });

      it("any of these, the stack tries again", async () => {
        const server = await rawServer({ tls: { ...made.expired } });
        const config = {
          backoff: { minMs: 1, maxMs: 1 },
          attempts: { maxAttempts: 3, permanentRetries: 0 },
        };
        const error = await wsErrorOf(
          open(server.url, { transport: leaf, tls: { ca: made.ca }, config }),
        );
        expect(error).toMatchObject({
          code: "ATTEMPTS_EXHAUSTED",
          cause: { kind: "connection", code: "CERT_HAS_EXPIRED" },
        });
      });
    });

    describe.each(LEAF_NAMES)("of the %s leaf with a pinned key", (leaf) => {
      const seen: string[] = [];
      const pin =
        (expected: () => Identity) =>
        (host: string, peer: PeerCertificate): Error | undefined => {
          seen.push(host);
          const pem = peer.raw.toString("base64");
          const ours = expected().cert.replaceAll(/-----.*-----|\s/g, "");
          return pem === ours
            ? checkServerIdentity(host, peer)
            : Object.assign(new Error("another key"), { code: "ERR_TLS_PIN" });
        };

      it("connects where the key is the right one, and asks on every connection", async () => {
        const server = await rawServer({ tls: { ...made.good } });
        void greet(server);
        const connector = LEAVES[leaf]({
          tls: { ca: made.ca, checkServerIdentity: pin(() => made.good) },
        });
        seen.length = 0;
        for (let i = 0; i < 3; i++)
          expect(await nextFrame(await connect(connector, server.url))).toEqual(["text", "hello"]);
        expect(seen).toEqual(["127.0.0.1", "127.0.0.1", "127.0.0.1"]);
      });

      it("does not where it is another, though the authority has signed it", async () => {
        const server = await rawServer({ tls: { ...made.good } });
        const connector = LEAVES[leaf]({
          tls: { ca: made.ca, checkServerIdentity: pin(() => made.client) },
        });
        // The code is that of the caller's own error.
        expect(
          await wsErrorOf(LeafRecorder.connect(connector, handshake(server.url))),
        ).toMatchObject({
          kind: "connection",
          code: "ERR_TLS_PIN",
        });
        await Promise.all(server.accepted.map(gone));
      });

      it("fails as unknown where the caller's error has no code, and does not let its text out", async () => {
        const server = await rawServer({ tls: { ...made.good } });
        const connector = LEAVES[leaf]({
          tls: { ca: made.ca, checkServerIdentity: () => new Error("secret") },
        });
        const error = await wsErrorOf(LeafRecorder.connect(connector, handshake(server.url)));
        expect(error).toMatchObject({
          kind: "unknown",
          code: "UNKNOWN",
          cause: { message: "secret" },
        });
        expect(error.message).not.toContain("secret");
      });
    });
  },
);
