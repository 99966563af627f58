import { inspect } from "node:util";
import { createServer } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createSecureContext } from "node:tls";
import { open } from "oath-ws";
import type { WsTlsOptions } from "oath-ws";
import { LeafRecorder } from "@oath-ws/testing";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { WebSocketServer } from "ws";
import { directConnector } from "../src/direct/direct-connector.js";
import { wsConnector } from "../src/ws/ws-connector.js";
import { until } from "./stack/support.js";
import { handshake, wsErrorOf } from "./support/connections.js";
import { hasOpenssl, makeCertificates } from "./support/certificates.js";
import type { Certificates, Identity } from "./support/certificates.js";

const available = hasOpenssl();

/** A TLS server whose certificate can be changed while it runs. */
async function rotatingServer(identity: Identity) {
  const https = createServer({ ...identity });
  const server = new WebSocketServer({ server: https });
  server.on("error", () => undefined);
  https.listen(0, "127.0.0.1");
  await once(https, "listening");
  const drop = (): void => {
    for (const socket of server.clients) socket.terminate();
  };
  onTestFinished(() => {
    drop();
    https.close();
  });
  return {
    url: `wss://127.0.0.1:${(https.address() as AddressInfo).port}`,
    drop,
    rotate: (next: Identity) => https.setSecureContext({ ...next }),
  };
}

describe.skipIf(!available)(
  available
    ? "TLS options that are asked for before every dial"
    : "TLS rotation (skipped: there is no openssl command)",
  () => {
    let before: Certificates;
    let after: Certificates;

    beforeAll(() => {
      before = makeCertificates();
      after = makeCertificates();
    });

    describe.each(["ws", "direct"] as const)("leaf %s", (leaf) => {
      const connector = leaf === "ws" ? wsConnector : directConnector;

      function start(url: string, tls: () => WsTlsOptions): ReturnType<typeof open> {
        return open(url, {
          transport: leaf,
          tls,
          config: {
            backoff: { minMs: 1, maxMs: 5 },
            attempts: { max: 10_000, maxAttempts: 10_000 },
          },
        });
      }

      it("follows a CA that is rotated between reconnects, and is loud about it until it does", async () => {
        const server = await rotatingServer(before.good);
        let tls: WsTlsOptions = { ca: before.ca };
        await using connection = await start(server.url, () => tls);
        await until(connection.lifecycle, ({ phase }) => phase === "connected");
        server.rotate(after.good);
        server.drop();
        await until(
          connection.lifecycle,
          ({ cause }) => cause?.code === "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        );
        tls = { ca: after.ca };
        await until(connection.lifecycle, ({ epoch }) => epoch === 2);
      });

      it("survives a function that throws or gives half of a pair, and says what was wrong without the key", async () => {
        const server = await rotatingServer(before.good);
        const good: WsTlsOptions = { ca: before.ca };
        const torn: WsTlsOptions = {
          ca: before.ca,
          cert: before.client.cert,
          key: after.client.key,
        };
        const answers: (() => WsTlsOptions)[] = [
          () => good,
          () => {
            throw new Error("ENOENT: the file is just being replaced");
          },
          () => torn,
          () => undefined as never,
          () => ({ ...good, typo: 1 }) as WsTlsOptions,
        ];
        const seen: string[] = [];
        await using connection = await start(server.url, () => (answers.shift() ?? (() => good))());
        const watching = (async () => {
          for await (const { cause, epoch } of connection.lifecycle) {
            if (cause?.code === "TLS_OPTIONS_INVALID") {
              expect(inspect(cause, { depth: 20 })).not.toContain("PRIVATE KEY");
              if (seen.at(-1) !== cause.message) seen.push(cause.message);
            }
            if (epoch === 2) return;
          }
        })();
        await until(connection.lifecycle, ({ phase }) => phase === "connected");
        server.drop();
        await watching;
        expect(answers).toEqual([]);
        expect(seen.length).toBeGreaterThan(0);
        for (const message of seen)
          expect(message).toMatch(
            /the function for tls threw|no TLS context|must be an object|is not an option/,
          );
      });

      it("names each fault of what the function gives", async () => {
        for (const [tls, message] of [
          [
            () => ({ cert: before.client.cert, key: after.client.key }),
            /^tls no TLS context can be made of this \(ERR_OSSL/,
          ],
          [() => null, /^tls must be an object, got null$/],
          [() => undefined, /^tls must be an object, got null$/],
          [() => ({ typo: true }), /^tls\.typo is not an option$/],
          [
            () => {
              throw new RangeError("boom");
            },
            /^the function for tls threw$/,
          ],
        ] as const) {
          const dialing = LeafRecorder.connect(
            connector({ tls: tls as () => WsTlsOptions }),
            handshake("wss://127.0.0.1:1/"),
          );
          expect(await wsErrorOf(dialing)).toMatchObject({
            kind: "client",
            code: "TLS_OPTIONS_INVALID",
            message: expect.stringMatching(message) as unknown,
          });
        }
      });

      it("parses the same object once, and asks nothing for a connection without TLS", async () => {
        const server = await rotatingServer(before.good);
        const tls: WsTlsOptions = { secureContext: createSecureContext({ ca: before.ca }) };
        const provide = vi.fn(() => tls);
        const wss = connector({ tls: provide });
        for (let dial = 1; dial <= 2; dial++) {
          (await LeafRecorder.connect(wss, handshake(server.url))).destroy();
          expect(provide).toHaveBeenCalledTimes(dial);
        }
        await wsErrorOf(LeafRecorder.connect(wss, handshake("ws://127.0.0.1:1/")));
        expect(provide).toHaveBeenCalledTimes(2);
      });
    });
  },
);
