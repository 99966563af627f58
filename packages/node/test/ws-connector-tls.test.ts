import { once } from "node:events";
import { Agent } from "node:https";
import type { Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { inspect } from "node:util";
import { LeafRecorder } from "@oath-ws/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { wsConnector } from "../src/ws/ws-connector.js";
import type { WsTlsOptions } from "../src/options/ws-connector-options.js";
import { connect, handshake, nextFrame, readAll, wsErrorOf } from "./support/connections.js";
import { hasOpenssl, makeCertificates } from "./support/certificates.js";
import type { Certificates, Identity } from "./support/certificates.js";
import { frame, OP } from "./support/frames.js";
import { RawPeer, rawServer } from "./support/raw-server.js";

const available = hasOpenssl();

describe.skipIf(!available)(
  available ? "TLS" : "TLS (skipped: there is no openssl command)",
  () => {
    let certs: Certificates;

    beforeAll(() => {
      certs = makeCertificates();
    });

    /** Dials a TLS server with this identity; gives the platform's code when it is refused. */
    async function codeOf(identity: Identity, tls?: WsTlsOptions): Promise<string> {
      const server = await rawServer({ tls: { ...identity } });
      return (await wsErrorOf(LeafRecorder.connect(wsConnector({ tls }), handshake(server.url))))
        .code;
    }

    it("accepts a certificate of a CA that the caller trusts, and carries frames both ways", async () => {
      const server = await rawServer({ tls: { ...certs.good } });
      const connector = wsConnector({ tls: { ca: certs.ca } });
      // Twice, for the TLS context is shared.
      for (const url of [server.url, server.url.replace("127.0.0.1", "localhost")]) {
        const connecting = connect(connector, url);
        const peer = new RawPeer(await server.next());
        await peer.upgrade(frame(OP.text, "early"));
        const connection = await connecting;
        expect(await nextFrame(connection)).toEqual(["text", "early"]);
        expect(connection.lastReadAt).toBeTypeOf("number");
        await connection.send("hello");
        expect(await peer.nextFrame()).toEqual({ opcode: OP.text, payload: Buffer.from("hello") });
        peer.socket.end();
        expect((await readAll(connection)).error).toMatchObject({ code: "SOCKET_LOST" });
      }
    });

    it("refuses what it cannot verify, and says why", async () => {
      const trusted = { ca: certs.ca };
      expect(await codeOf(certs.wrongHost, trusted)).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
      expect(await codeOf(certs.expired, trusted)).toBe("CERT_HAS_EXPIRED");
      expect(await codeOf(certs.selfSigned, trusted)).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
      expect(await codeOf(certs.good)).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
    });

    it("is not talked out of it by NODE_TLS_REJECT_UNAUTHORIZED=0", async () => {
      const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      const warn = process.emitWarning;
      process.emitWarning = () => undefined;
      process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
      try {
        // The variable works, here and now.
        const server = await rawServer({ tls: { ...certs.selfSigned } });
        const plain = tlsConnect(server.port, "127.0.0.1");
        await once(plain, "secureConnect");
        plain.destroy();
        expect(await codeOf(certs.selfSigned)).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
        expect(await codeOf(certs.wrongHost, { ca: certs.ca })).toBe(
          "ERR_TLS_CERT_ALTNAME_INVALID",
        );
      } finally {
        process.emitWarning = warn;
        if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
        else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
      }
    });

    it("verifies through the caller's agent as well", async () => {
      const agent = new Agent();
      const server = await rawServer({ tls: { ...certs.good } });
      const connecting = connect(
        wsConnector({ tls: { ca: certs.ca }, socket: { agent } }),
        server.url,
      );
      await new RawPeer(await server.next()).upgrade();
      expect((await connecting).end).toBeUndefined();
      const untrusting = wsConnector({ socket: { agent } });
      expect((await wsErrorOf(LeafRecorder.connect(untrusting, handshake(server.url)))).code).toBe(
        "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      );
    });

    it("can be told explicitly: another name to expect, or no verification", async () => {
      for (const [identity, tls] of [
        [certs.wrongHost, { ca: certs.ca, servername: "elsewhere.test" }],
        [certs.selfSigned, { rejectUnauthorized: false }],
      ] as const) {
        const server = await rawServer({ tls: { ...identity } });
        const connecting = connect(wsConnector({ tls }), server.url);
        await new RawPeer(await server.next()).upgrade();
        expect((await connecting).end).toBeUndefined();
      }
    });

    it("does not speak anything older than TLS 1.2", async () => {
      const server = await rawServer({
        tls: {
          ...certs.good,
          minVersion: "TLSv1",
          maxVersion: "TLSv1.1",
          ciphers: "DEFAULT@SECLEVEL=0",
        },
      });
      const error = await wsErrorOf(
        LeafRecorder.connect(wsConnector({ tls: { ca: certs.ca } }), handshake(server.url)),
      );
      expect(error).toMatchObject({ kind: "connection" });
    });

    it("shows a client certificate, and shows no key when that is refused", async () => {
      const mutual = { ...certs.good, ca: certs.ca, requestCert: true, rejectUnauthorized: true };
      const server = await rawServer({ tls: mutual });
      const connecting = connect(
        wsConnector({ tls: { ca: certs.ca, ...certs.client } }),
        server.url,
      );
      await new RawPeer(await server.next()).upgrade();
      expect((await connecting).connection.controlFrames).toBe(true);
      const error = await wsErrorOf(
        LeafRecorder.connect(
          wsConnector({ tls: { ca: certs.ca, ...certs.selfSigned } }),
          handshake(server.url),
        ),
      );
      expect(error.kind).toBe("connection");
      expect(inspect(error, { depth: 20 })).not.toContain("PRIVATE KEY");
    });

    it("takes plain text on the port, a reset and an end in the TLS handshake for connection failures", async () => {
      for (const [code, answer] of [
        ["EPROTO", (socket: Socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
        ["ECONNRESET", (socket: Socket) => socket.resetAndDestroy()],
        ["ECONNRESET", (socket: Socket) => socket.end()],
      ] as const) {
        const server = await rawServer();
        const failure = wsErrorOf(
          LeafRecorder.connect(wsConnector(), handshake(server.url.replace("ws:", "wss:"))),
        );
        const socket = await server.next();
        socket.once("data", () => answer(socket));
        expect(await failure).toMatchObject({ kind: "connection", code });
      }
    });
  },
);
