import { describe, expect, it } from "vitest";
import { greeted, init, rest, sim, statuses } from "./with-sim.js";

const ORDER = { conid: 265_598, side: "BUY", quantity: 5, price: 271 } as const;

describe("REST", () => {
  it("answers a tickle", async () => {
    const venue = await sim();
    const { status, body } = await rest(venue, "POST /tickle");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      session: venue.session.id,
      collission: false,
      hmds: { error: "no bridge" },
      iserver: {
        authStatus: { authenticated: true, established: true, competing: false, connected: true },
      },
    });
    expect(body["ssoExpires"]).toBeGreaterThan(86_000_000);
  });

  it.each(["GET", "POST"])(
    "tells the status by %s, with 200 also when it is dead",
    async (method) => {
      const venue = await sim();
      const request = `${method} /iserver/auth/status`;
      expect((await rest(venue, request)).body).toMatchObject({
        authenticated: true,
        fail: "",
        serverInfo: {},
      });
      venue.faults.loseSession();
      expect(await rest(venue, request)).toMatchObject({
        status: 200,
        body: {
          authenticated: false,
          established: false,
          competing: false,
          connected: false,
          MAC: null,
        },
      });
    },
  );

  it("validates the login, whose time runs out", async () => {
    const venue = await sim({ session: { username: "me", maxAgeMs: 415_890 } });
    const { body } = await rest(venue, "GET /sso/validate");
    expect(body).toMatchObject({ USER_NAME: "me", RESULT: true });
    expect(body["EXPIRES"]).toBeLessThanOrEqual(415_890);
    expect(body["EXPIRES"]).toBeGreaterThan(0);
  });

  it("initialises what is initialised already without a change", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    const id = venue.session.id;
    expect((await init(venue, true)).body).toEqual({
      passed: true,
      authenticated: true,
      connected: true,
      competing: false,
    });
    expect(venue.session.id).toBe(id);
    expect(venue.stats().brokerageSessions).toBe(1);
    expect(statuses(client)).toEqual([true]);
  });

  it("lists accounts, orders and trades, with a brokerage session only", async () => {
    const venue = await sim({ wire: { coldOrders: 0 } });
    const { orderId } = venue.account.placeOrder(ORDER);
    venue.account.fillOrder(orderId, { quantity: 2, price: 270.5 });
    expect((await rest(venue, "GET /iserver/accounts")).body).toMatchObject({
      selectedAccount: "U00000000",
    });
    expect((await rest(venue, "GET /iserver/account/orders?force=true")).body).toEqual({
      orders: venue.account.orders,
      snapshot: true,
    });
    expect((await rest(venue, "GET /iserver/account/trades")).body).toEqual(
      venue.account.executions,
    );
    venue.faults.loseSession();
    expect((await rest(venue, "GET /iserver/accounts")).status).toBe(401);
  });

  it("gives the first answer about orders cold, in every brokerage session", async () => {
    const venue = await sim({
      pacing: { paths: { "/iserver/account/orders": { requests: 99, windowMs: 1 } } },
    });
    venue.account.placeOrder(ORDER);
    const snapshots: unknown[] = [];
    for (let count = 0; count < 4; count++) {
      if (count === 2) {
        venue.faults.loseSession();
        await init(venue, false);
      }
      const { body } = await rest(venue, "GET /iserver/account/orders");
      snapshots.push([(body["orders"] as object[]).length, body["snapshot"]]);
    }
    expect(snapshots).toEqual([
      [0, false],
      [1, true],
      [0, false],
      [1, true],
    ]);
  });

  it("writes quantities in text, and no settled answer, by option", async () => {
    const venue = await sim({
      wire: { coldOrders: 0, settledOrders: false, quantities: "text" },
      pacing: { paths: { "/iserver/account/orders": { requests: 99, windowMs: 1 } } },
    });
    const empty = { orders: [], snapshot: true };
    expect((await rest(venue, "GET /iserver/account/orders")).body).toEqual(empty);
    venue.account.placeOrder(ORDER);
    expect((await rest(venue, "GET /iserver/account/orders")).body).toMatchObject({
      orders: [{ filledQuantity: "0", remainingQuantity: "5", totalSize: "5" }],
      snapshot: false,
    });
  });

  it("says why in fail, where another platform has the session", async () => {
    const venue = await sim();
    expect((await rest(venue, "GET /iserver/auth/status")).body["fail"]).toBe("");
    venue.faults.compete();
    for (const path of ["/iserver/auth/status", "/sso/validate"])
      expect((await rest(venue, `GET ${path}`)).body["fail"]).toMatch(/compete/);
  });

  it("knows no other paths, and no bodies that are no JSON", async () => {
    const venue = await sim();
    expect((await rest(venue, "GET /iserver/nothing")).status).toBe(404);
    expect((await rest(venue, "GET /iserver/auth/ssodh/init")).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${venue.port}/`)).status).toBe(404);
    const broken = await fetch(`${venue.url}/iserver/auth/ssodh/init`, {
      method: "POST",
      body: "{",
    });
    expect(broken.status).toBe(400);
    const large = await fetch(`${venue.url}/tickle`, { method: "POST", body: "x".repeat(70_000) });
    expect(large.status).toBe(400);
  });

  it("fails by request", async () => {
    const venue = await sim();
    venue.faults.failRequests(503, 2, "/tickle");
    expect((await rest(venue, "GET /iserver/auth/status")).status).toBe(200);
    expect((await rest(venue, "POST /tickle")).status).toBe(503);
    expect((await rest(venue, "POST /tickle")).status).toBe(503);
    expect((await rest(venue, "POST /tickle")).status).toBe(200);
    venue.faults.failRequests(500);
    expect((await rest(venue, "GET /iserver/auth/status")).status).toBe(500);
    venue.faults.failRequests(500, 9);
    venue.faults.clear();
    expect((await rest(venue, "GET /iserver/auth/status")).status).toBe(200);
  });
});

describe("pacing", () => {
  const status = "GET /iserver/auth/status";

  it("is ten requests a second together; then the penalty box", async () => {
    // Time nearly stands still: the window is a thousand real seconds.
    const venue = await sim({ timeScale: 0.001, pacing: {} });
    for (let count = 0; count < 10; count++) expect((await rest(venue, status)).status).toBe(200);
    const refused = await rest(venue, status);
    expect(refused).toMatchObject({ status: 429, cookies: [] });
    expect((await rest(venue, "POST /tickle")).status).toBe(429);
    expect(venue.stats()).toMatchObject({ pacingViolations: 1, penalised: 1 });
    expect(venue.stats().requests.map((each) => each.status)).toEqual([
      ...new Array<number>(10).fill(200),
      429,
      429,
    ]);
  });

  it.each([
    ["POST /tickle", 200],
    ["GET /sso/validate", 200],
    ["GET /iserver/account/orders", 200],
    ["GET /iserver/account/trades", 200],
  ])("is one at a time for %s", async (request, served) => {
    const venue = await sim({ timeScale: 0.001, pacing: {} });
    expect((await rest(venue, request)).status).toBe(served);
    expect((await rest(venue, status)).status).toBe(200);
    expect((await rest(venue, request)).status).toBe(429);
    expect((await rest(venue, status)).status).toBe(429);
    expect(venue.stats()).toMatchObject({ pacingViolations: 1, penalised: 1 });
  });

  it("has the paths and the box of the options", async () => {
    const paths = { "/iserver/accounts": { requests: 2, windowMs: 1_000_000 } };
    const venue = await sim({ pacing: { paths, penaltyMs: 0 } });
    const results: number[] = [];
    for (let count = 0; count < 3; count++)
      results.push((await rest(venue, "GET /iserver/accounts")).status);
    expect(results).toEqual([200, 200, 429]);
    expect((await rest(venue, status)).status).toBe(200);
  });

  it("keeps the box closed for its time, and what is in it does not keep the session alive", async () => {
    const venue = await sim({
      timeScale: 500,
      session: { idleMs: 600_000 },
      pacing: { requests: 1_000_000 },
    });
    venue.faults.penaltyBox();
    const closedAt = venue.stats().faults[0]?.at ?? 0;
    let reply = await rest(venue, status);
    expect(reply.status).toBe(429);
    while (reply.status === 429) reply = await rest(venue, status);
    const { requests, penalised, session } = venue.stats();
    expect((requests.at(-1)?.at ?? 0) - closedAt).toBeGreaterThanOrEqual(900_000);
    expect(penalised).toBe(requests.length - 1);
    expect(session).toBe("portal");
  });

  it("opens the box by clear, and closes it for a chosen time", async () => {
    const venue = await sim();
    venue.faults.penaltyBox(1_000_000);
    expect((await rest(venue, status)).status).toBe(429);
    venue.faults.clear();
    expect((await rest(venue, status)).status).toBe(200);
  });

  it("leaves the WebSocket alone", async () => {
    const venue = await sim();
    venue.faults.penaltyBox();
    await greeted(venue);
  });
});
