import { once } from "node:events";
import { Agent } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import tls from "node:tls";
import type { TLSSocket, TlsOptions } from "node:tls";
import { inspect } from "node:util";
import type { LeafConnection } from "@oath-ws/contract";
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { WsConnectorOptions } from "../../src/options/ws-connector-options.js";
import { LEAF_NAMES, LEAVES } from "../hostile/support/hostile-row.js";
import { hasOpenssl } from "../support/certificates.js";
import type { Identity } from "../support/certificates.js";
import { connect, handshake, wsErrorOf } from "../support/connections.js";
import { gone, RawPeer, rawServer } from "../support/raw-server.js";
import { Authority } from "./support/authority.js";

const available = hasOpenssl();
const none: Identity = { cert: "", key: "" };

let ca = "";
let here = none;
let elsewhere = none;
let selfSigned = none;

beforeAll(() => {
  if (!available) return;
  const authority = new Authority();
  ca = authority.ca;
  here = authority.issue({ san: "IP:127.0.0.1,DNS:localhost" });
  elsewhere = authority.issue({ san: "DNS:other.test" });
  selfSigned = authority.selfSigned();
  authority.remove();
});

const DEFAULT_MIN_VERSION = tls.DEFAULT_MIN_VERSION;
afterEach(() => {
  tls.DEFAULT_MIN_VERSION = DEFAULT_MIN_VERSION;
});

describe.skipIf(!available).each(LEAF_NAMES)(
  "the certificate that the %s leaf asks for",
  (leaf) => {
    /** Connects to a server that answers; both ends. */
    async function pair(
      options: WsConnectorOptions,
      server: TlsOptions = here,
      headers: Readonly<Record<string, string>> = {},
    ): Promise<{ connection: LeafConnection; socket: TLSSocket }> {
      const { url, next } = await rawServer({ tls: { ...server } });
      const connecting = connect(LEAVES[leaf](options), handshake(url, { headers }));
      connecting.catch(() => undefined);
      const peer = new RawPeer(await next());
      await peer.upgrade(undefined, ["Set-Cookie: canary", "X-Served-By: edge-7"]);
      return { connection: (await connecting).connection, socket: peer.socket as TLSSocket };
    }

    it.each([true, false])(
      "is for the URL's host, whatever Host says; with an agent: %s",
      async (by) => {
        const socket = by ? { agent: new Agent() } : {};
        const server = await rawServer({ tls: { ...elsewhere } });
        const connector = LEAVES[leaf]({ tls: { ca }, socket });
        const asked = handshake(server.url, { headers: { Host: "other.test" } });
        expect(await wsErrorOf(connect(connector, asked))).toMatchObject({
          code: "ERR_TLS_CERT_ALTNAME_INVALID",
        });
        await pair({ tls: { ca }, socket }, here, { Host: "other.test" });
      },
    );

    it("is checked before a byte of the request leaves", async () => {
      let received = 0;
      const server = tls.createServer({ ...elsewhere }, (socket) => {
        socket.on("error", () => undefined);
        socket.on("data", (chunk: Buffer) => {
          received += chunk.length;
          socket.destroy();
        });
      });
      server.on("tlsClientError", () => undefined);
      await once(server.listen(0, "127.0.0.1"), "listening");
      onTestFinished(() => void server.close());
      const { port } = server.address() as AddressInfo;
      const attempt = async (options: WsConnectorOptions["tls"]): Promise<string> => {
        const closed = once(server, "connection").then(([socket]) => gone(socket as Socket));
        const connecting = connect(LEAVES[leaf]({ tls: options }), `wss://127.0.0.1:${port}/`);
        const { code } = await wsErrorOf(connecting);
        await closed;
        return code;
      };
      expect(await attempt({ ca })).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
      expect(received).toBe(0);
      expect(await attempt({ ca, checkServerIdentity: () => undefined })).toBe("ECONNRESET");
      expect(received).toBeGreaterThan(0);
    });

    it.each([true, false])(
      "is asked for by the URL's name (SNI); with an agent: %s",
      async (by) => {
        const names: string[] = [];
        const SNICallback: TlsOptions["SNICallback"] = (name, done) => {
          names.push(name);
          done(null);
        };
        const server = await rawServer({ tls: { ...here, SNICallback } });
        const socket = { family: 4, ...(by ? { agent: new Agent() } : {}) };
        const url = server.url.replace("127.0.0.1", "localhost");
        const asked = handshake(url, { headers: { Host: "other.test" } });
        const connecting = connect(LEAVES[leaf]({ tls: { ca }, socket }), asked);
        await new RawPeer(await server.next()).upgrade();
        await connecting;
        expect(names).toEqual(["localhost"]);
      },
    );

    it("is looked at on every connection: an agent's sessions are not resumed", async () => {
      let asked = 0;
      const checkServerIdentity = (): undefined => void asked++;
      const agent = new Agent();
      const connector = LEAVES[leaf]({ tls: { ca, checkServerIdentity }, socket: { agent } });
      // With TLS 1.2 a session can be resumed as soon as the handshake is over.
      const server = await rawServer({ tls: { ...here, maxVersion: "TLSv1.2" } });
      for (const times of [1, 2, 3]) {
        const connecting = connect(connector, server.url);
        const peer = new RawPeer(await server.next());
        await peer.upgrade();
        (await connecting).destroy();
        expect((peer.socket as TLSSocket).isSessionReused()).toBe(false);
        expect(asked).toBe(times);
      }
    });

    it("comes over TLS 1.2 or newer, also where the platform would allow less", async () => {
      const old = {
        minVersion: "TLSv1",
        maxVersion: "TLSv1.1",
        ciphers: "DEFAULT@SECLEVEL=0",
      } as const;
      tls.DEFAULT_MIN_VERSION = "TLSv1";
      const server = await rawServer({ tls: { ...here, ...old } });
      const lax = { ca, ciphers: "DEFAULT@SECLEVEL=0" };
      const connecting = connect(LEAVES[leaf]({ tls: lax }), server.url);
      expect(await wsErrorOf(connecting)).toMatchObject({ kind: "connection" });
      // It is only our own minimum that keeps the two from each other.
      const { connection } = await pair(
        { tls: { ...lax, minVersion: "TLSv1" } },
        { ...here, ...old },
      );
      expect(connection.tls).toEqual({ protocol: "TLSv1.1", verification: "on" });
    });

    it("shows on the connection when it need not be right", async () => {
      const agent = new Agent({ rejectUnauthorized: false });
      const off = { rejectUnauthorized: false, ca };
      const of = async (options: WsConnectorOptions, server?: TlsOptions): Promise<unknown> =>
        (await pair(options, server)).connection.tls?.verification;
      expect(await of({ tls: { ca } })).toBe("on");
      expect(await of({ tls: off })).toBe("off");
      expect(await of({ tls: off }, selfSigned)).toBe("off");
      expect(await of({ tls: () => off })).toBe("off");
      expect(await of({ tls: { ca }, socket: { agent } })).toBe("off");
      expect(await of({ socket: { agent } }, selfSigned)).toBe("off");
    });

    it("leaves the response's headers on the connection, which are not printed with it", async () => {
      const { connection } = await pair({ tls: { ca } });
      expect(connection.tls).toMatchObject({ protocol: "TLSv1.3" });
      expect(connection.headers).toMatchObject({ "set-cookie": "canary", "x-served-by": "edge-7" });
      expect(inspect(connection, { depth: 9, showHidden: true })).not.toContain("canary");
      expect(JSON.stringify({ ...connection })).not.toContain("canary");
    });

    it("is agreed on in a phase of the dial that is told with its time", async () => {
      const server = await rawServer({ tls: { ...here } });
      const phases: (readonly [string, number])[] = [];
      const times = [10, 20, 30, 40];
      const timer = {
        now: () => times[phases.length] ?? 50,
        wallNow: () => 0,
        schedule: () => () => undefined,
      };
      const connector = LEAVES[leaf]({ tls: { ca }, socket: { family: 4 }, timer });
      const url = server.url.replace("127.0.0.1", "localhost");
      const connecting = connect(connector, url, {
        onPhase: (phase, at) => phases.push([phase, at]),
      });
      await new RawPeer(await server.next()).upgrade();
      (await connecting).destroy();
      expect(phases).toEqual([
        ["dns", 10],
        ["tcp", 20],
        ["tls", 30],
        ["upgrade", 40],
      ]);
    });
  },
);
