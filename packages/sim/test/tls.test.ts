import { once } from "node:events";
import { request } from "node:https";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { hasOpenssl, makeCertificates } from "../../node/test/support/certificates.js";
import { SimOptionError, startBinanceSim, startCoinbaseSim } from "../src/index.js";

const VENUES = [
  ["binance", startBinanceSim],
  ["coinbase", startCoinbaseSim],
] as const;

describe.skipIf(!hasOpenssl())("TLS with a self-signed certificate", () => {
  const { selfSigned } = makeCertificates();
  const ca = selfSigned.cert;

  it.each(VENUES)("%s: serves REST and WebSocket on one port", async (name, start) => {
    await using sim = await start({ tls: selfSigned });
    expect([sim.url, sim.restUrl].map((url) => new URL(url).protocol)).toEqual(["wss:", "https:"]);
    const path = name === "binance" ? "/api/v3/ping" : "/market/products/BTC-USD/ticker";
    const status = await new Promise((resolve, reject) => {
      const asked = request(`${sim.restUrl}${path}`, { ca, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on("error", reject);
      asked.end();
    });
    // Whatever the path is answered with, it came over TLS.
    expect(status).toBeGreaterThanOrEqual(200);
    const socket = new WebSocket(`${sim.url}${name === "binance" ? "/ws" : "/"}`, { ca });
    socket.on("error", () => undefined);
    await once(socket, "open");
    const closed = once(socket, "close");
    // A reset goes to the TCP socket below.
    sim.faults.dropConnections();
    expect((await closed)[0]).toBe(1006);
    const stranger = new WebSocket(sim.url);
    expect((await once(stranger, "error"))[0]).toMatchObject({
      code: "DEPTH_ZERO_SELF_SIGNED_CERT",
    });
  });
});

it.each(VENUES)("%s: refuses a certificate that cannot be used", async (_name, start) => {
  await expect(start({ tls: { key: "k", cert: "c" } })).rejects.toThrow(SimOptionError);
});
