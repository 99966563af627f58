import { describe, expect, test } from "vitest";
import { Client, refusal } from "./support/client.js";
import { client, sim } from "./support/with-sim.js";

describe("rules of the venue", () => {
  test("pings carry the time as text, and an answered one keeps the connection (B-6)", async () => {
    const venue = await sim({ timeScale: 400 });
    const each = await client(`${venue.url}/ws`);
    const stats = await venue.waitFor((now) => now.pingsAnswered >= 5);
    expect(Number(each.pings[0])).toBeGreaterThan(1_700_000_000_000);
    expect(stats.pingsUnanswered).toBe(0);
    expect(stats.rateViolations).toBe(0);
    expect(stats.open).toBe(1);
  });

  test("no pong within a minute: 1008 Pong timeout; unsolicited pongs do not help (B-6, B-11)", async () => {
    const venue = await sim({ timeScale: 1_000 });
    const each = await client(`${venue.url}/ws`, { autoPong: false });
    each.socket.on("ping", () => each.socket.pong());
    expect(await each.ended).toMatchObject({ code: 1008, reason: "Pong timeout" });
    const stats = venue.stats();
    expect(stats.disconnects.pongTimeout).toBe(1);
    expect(stats.pingsUnanswered).toBeGreaterThanOrEqual(1);
    expect(stats.unsolicitedPongs).toBeGreaterThanOrEqual(1);
    expect(stats.pingsAnswered).toBe(0);
  });

  test("a wrong pong is tolerated on the streams, and fatal on the WebSocket API (B-36)", async () => {
    const venue = await sim({ timeScale: 1_000 });
    const streams = await client(`${venue.url}/ws`, { autoPong: false });
    const api = await client(`${venue.url}/ws-api/v3`, { autoPong: false });
    for (const each of [streams, api]) each.socket.on("ping", () => each.socket.pong("nonsense"));
    expect(await api.ended).toMatchObject({ code: 1008, reason: "Malformed pong" });
    await venue.waitFor((stats) => stats.pingsAnswered >= 5);
    expect(venue.stats().open).toBe(1);
  });

  test("the sixth inbound frame in a second is one too many, whatever its kind (B-7)", async () => {
    const venue = await sim({ limits: { inboundWindowMs: 60_000 } });
    const each = await client(`${venue.url}/ws`);
    each.socket.ping();
    each.socket.pong();
    for (let id = 0; id < 3; id++) await each.ask({ method: "LIST_SUBSCRIPTIONS", id });
    each.socket.pong();
    expect(await each.ended).toMatchObject({ code: 1008, reason: "Too many requests" });
    expect(venue.stats()).toMatchObject({
      rateViolations: 1,
      framesReceived: 6,
      disconnects: { rateLimit: 1 },
    });
  });

  test("repeated violations ban the IP: everything of it goes, and 418 with Retry-After meets what comes", async () => {
    const venue = await sim({
      limits: { inboundFrames: 1, inboundWindowMs: 60_000 },
      bans: { afterViolations: 2 },
    });
    const bystander = await client(`${venue.url}/ws-api/v3`);
    const elsewhere = await client(`${venue.url}/ws`, { localAddress: "127.0.0.9" });
    for (let round = 0; round < 2; round++) {
      const each = await client(`${venue.url}/ws`);
      each.socket.pong();
      each.socket.pong();
      await each.ended;
    }
    expect(await bystander.ended).toMatchObject({ code: 1008, reason: "IP banned" });
    const answer = await refusal(`${venue.url}/ws`);
    expect(answer.statusCode).toBe(418);
    expect(answer.headers["retry-after"]).toBe("120");
    const rest = await fetch(`${venue.restUrl}/api/v3/depth?symbol=BTCUSDT`);
    expect(rest.status).toBe(418);
    expect(venue.stats()).toMatchObject({ bans: 1, rateViolations: 2, open: 1 });
    expect(elsewhere.socket.readyState).toBe(1);
    venue.faults.unban();
    await client(`${venue.url}/ws`);
  });

  test("a ban ends by itself", async () => {
    const venue = await sim({ timeScale: 100, keepalive: { pingIntervalMs: 1e9 } });
    venue.faults.ban();
    let status: number | undefined = (await refusal(`${venue.url}/ws`)).statusCode;
    expect(status).toBe(418);
    while (status === 418) {
      status = await refusal(`${venue.url}/ws`).then(
        (answer) => answer.statusCode,
        () => undefined,
      );
    }
    expect(venue.stats().bans).toBe(1);
  });

  test("attempts beyond the limit get 429 with Retry-After, per IP (B-9)", async () => {
    const venue = await sim({ limits: { connects: 3 } });
    for (let attempt = 0; attempt < 3; attempt++) await client(`${venue.url}/ws`);
    const answer = await refusal(`${venue.url}/ws`);
    expect(answer.statusCode).toBe(429);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(290);
    await client(`${venue.url}/ws`, { localAddress: "127.0.0.9" });
    await client(`${venue.url}/ws-api/v3`);
    const stats = venue.stats();
    expect(stats.connectViolations).toBe(1);
    expect(stats.connects.filter((each) => each.refused === "connect-limit")).toHaveLength(1);
  });

  test("a connection is cut at its greatest age (B-5)", async () => {
    const venue = await sim({ timeScale: 1_000_000, keepalive: { pingIntervalMs: 1e9 } });
    const each = await client(`${venue.url}/ws`);
    expect(await each.ended).toMatchObject({ code: 1001 });
    expect(venue.stats().disconnects.lifetime).toBe(1);
  });

  test("a client that does not read is reset when too much waits for it", async () => {
    const venue = await sim({ limits: { maxPendingBytes: 100_000 } });
    const each = await client(`${venue.url}/ws/btcusdt@depth20@100ms`);
    each.socket.pause();
    while (venue.stats().disconnects.slowConsumer === 0) {
      venue.market.step(200);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await venue.waitFor((stats) => stats.open === 0);
  });

  test("a message that is too large is the client's fault, and counted", async () => {
    const venue = await sim({ limits: { maxMessageBytes: 1_000 } });
    const each = await client(`${venue.url}/ws`);
    each.socket.send("x".repeat(2_000));
    expect(await each.ended).toMatchObject({ code: 1009 });
    expect(venue.stats().protocolErrors).toBe(1);
  });

  test("close ends everything, half-open sockets too, and nothing can connect any more", async () => {
    const venue = await sim({ market: { auto: true } });
    const clients = await Promise.all([1, 2, 3].map(() => client(`${venue.url}/ws/btcusdt@trade`)));
    venue.faults.halfOpen({ connection: 1 });
    venue.faults.stall(1_000_000, { connection: 2 });
    const waiting = venue.waitFor(() => false);
    waiting.catch(() => {});
    await Promise.all([venue.close(), venue.close()]);
    for (const each of clients) await each.ended;
    await expect(waiting).rejects.toThrow("closed");
    await expect(Client.open(venue.url)).rejects.toThrow("ECONNREFUSED");
  });
});
