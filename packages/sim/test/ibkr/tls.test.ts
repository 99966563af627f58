import { request } from "node:https";
import { describe, expect, it } from "vitest";
import { hasOpenssl, makeCertificates } from "../../../node/test/support/certificates.js";
import { connect, frames, greeted, sim, socketErrors } from "./with-sim.js";

describe.skipIf(!hasOpenssl())("TLS with a self-signed certificate", () => {
  const { selfSigned } = makeCertificates();
  const ca = selfSigned.cert;

  it("serves REST and WebSocket on one port, with a secure cookie", async () => {
    const venue = await sim({ tls: selfSigned });
    expect(venue.url).toMatch(/^https:/);
    expect(venue.wsUrl).toMatch(/^wss:/);
    const cookie = await new Promise<string>((resolve, reject) => {
      const asked = request(
        `${venue.url}/tickle`,
        { method: "POST", ca, agent: false },
        (response) => {
          response.resume();
          resolve(response.headers["set-cookie"]?.[0] ?? "");
        },
      );
      asked.on("error", reject);
      asked.end();
    });
    expect(cookie).toMatch(/; HttpOnly; Secure; Path=\/v1\/api$/);
    const client = await connect(venue, "", {
      ca,
      headers: { cookie: cookie.split(";")[0] ?? "" },
    });
    await client.until(() => frames(client, "sts").length === 1);
  });

  it("does not go with a network of the caller's, which has none", async () => {
    const timer = { now: () => 0, wallNow: () => 0, schedule: () => () => undefined };
    const platform = { timer, listen: () => ({ port: 1, close: () => undefined }) };
    await expect(sim({ tls: selfSigned, platform })).rejects.toMatchObject({ option: "tls" });
  });

  it("is refused by a client that does not know the certificate", async () => {
    const venue = await sim({ tls: selfSigned });
    await expect(connect(venue)).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    expect(venue.stats().accepted).toBe(0);
  });

  it("can be reset and cut below TLS", async () => {
    const venue = await sim({ tls: selfSigned });
    const [one, other] = [await greeted(venue, { ca }), await greeted(venue, { ca })];
    const errors = [socketErrors(one), socketErrors(other)];
    venue.faults.dropConnections({ connection: 1 });
    expect((await one.ended).code).toBe(1006);
    venue.faults.cut();
    expect((await other.ended).code).toBe(1006);
    expect(errors).toEqual([["ECONNRESET"], []]);
    await venue.waitFor(({ open }) => open === 0);
  });
});
