import { describe, expect, it } from "vitest";
import { nodeRuntime } from "oath-ws";
import type { UserUpdate } from "@oath-ws/venue-coinbase";
import type { VenueRuntime } from "@oath-ws/venue-kit";
import { openUser, readUntil, signerOf, startVenue, until } from "../support/venue.js";
import type { CoinbaseSim } from "../support/venue.js";

const ORDER = { productId: "BTC-USD", side: "BUY", price: "60000", quantity: "0.01" } as const;

function ids(update: UserUpdate | undefined): readonly string[] {
  return update?.kind === "snapshot" || update?.kind === "orders"
    ? update.orders.map(({ order_id }) => order_id)
    : [];
}

function openIds(sim: CoinbaseSim): readonly string[] {
  return sim.account().orders.map(({ order_id }) => order_id);
}

describe("the account's orders over real sockets", () => {
  it.each(["ES256", "EdDSA"] as const)(
    "come first, then what happens to them, signed with %s",
    async (algorithm) => {
      const sim = await startVenue({ accounts: [{ algorithm, orders: 2 }] });
      const user = openUser(sim);
      const [first] = await readUntil(user, () => true);
      expect(first!.data).toMatchObject({ kind: "snapshot", reason: "start" });
      expect(ids(first!.data)).toEqual(openIds(sim));
      expect(user.state.snapshot.phase).toBe("live");
      const placed = sim.account().place(ORDER);
      sim.account().fill(placed.order_id);
      const changes = await readUntil(user, (_, all) => all.length === 2);
      expect(
        changes.map(({ data }) => (data.kind === "orders" ? data.orders[0]!.status : "")),
      ).toEqual(["OPEN", "FILLED"]);
      expect(sim.stats()).toMatchObject({ authFailures: 0, rateViolations: 0 });
    },
  );

  it.each([0, 49, 50, 51, 120])("are complete however many there are: %d", async (orders) => {
    const sim = await startVenue({ accounts: [{ orders }] });
    const [first] = await readUntil(openUser(sim), () => true);
    expect(ids(first!.data)).toEqual(openIds(sim));
    expect(ids(first!.data)).toHaveLength(orders);
  });

  it("bring the futures balance if it is asked for", async () => {
    const sim = await startVenue();
    const user = openUser(sim, { futures: true });
    await readUntil(user, ({ data }) => data.kind === "futures");
    sim.account().setBuyingPower("250.00");
    const events = await readUntil(
      user,
      ({ data }) => data.kind === "futures" && data.event.type === "update",
    );
    expect(events.at(-1)!.data).toMatchObject({
      event: { fcm_balance_summary: { futures_buying_power: "250.00" } },
    });
  });

  it("go on when the futures balance is refused, which is told", async () => {
    const sim = await startVenue();
    sim.faults.refuseRequests("failure to subscribe", 2, "futures_balance_summary");
    let told: (error: unknown) => void = () => undefined;
    const fault = new Promise((resolve) => {
      told = resolve;
    });
    const user = openUser(sim, { futures: true, onFault: (error) => told(error) });
    expect(await fault).toMatchObject({ code: "SUBSCRIPTION_REFUSED" });
    sim.account().place(ORDER);
    await readUntil(user, ({ data }) => data.kind === "orders");
  });

  it("every request has a token of its own", async () => {
    const sim = await startVenue();
    const user = openUser(sim, { futures: true });
    await readUntil(user, (_, all) => all.length === 2);
    sim.faults.dropConnections();
    await readUntil(user, ({ data }) => data.kind === "snapshot");
    await sim.waitFor(({ requests }) => requests.length === 6);
    const nonces = sim.stats().requests.map(({ nonce }) => nonce);
    expect(new Set(nonces).size).toBe(6);
    expect(nonces).not.toContain(undefined);
  });

  it.each(["reset", "half-open", "close"] as const)(
    "are asked for again after a break, which is told first: %s",
    async (kind) => {
      const sim = await startVenue({ accounts: [{ orders: 1 }] });
      const user = openUser(sim);
      await readUntil(user, () => true);
      if (kind === "close") sim.faults.apply({ kind, code: 1001, reason: "" });
      else sim.faults.apply({ kind });
      await until(user.state, ({ phase }) => phase === "recovering");
      sim.account().place(ORDER);
      const updates = await readUntil(user, ({ data }) => data.kind === "snapshot");
      expect(updates.at(-1)).toMatchObject({ data: { reason: "reconnect" }, gaps: 1 });
      expect(ids(updates.at(-1)!.data)).toEqual(openIds(sim));
      expect(user.gaps).toMatchObject([{ reason: "reconnect" }]);
    },
  );

  it("are asked for again on the same connection when a frame is missing", async () => {
    const sim = await startVenue({ accounts: [{ orders: 60 }] });
    const user = openUser(sim);
    await readUntil(user, () => true);
    sim.faults.drop(1, { endpoint: "ws-api" });
    // This one is lost; the next heartbeat shows it.
    sim.account().place(ORDER);
    const updates = await readUntil(user, ({ data }) => data.kind === "snapshot");
    expect(updates).toHaveLength(1);
    expect(updates[0]!.data).toMatchObject({ reason: "gap" });
    expect(ids(updates[0]!.data)).toEqual(openIds(sim));
    expect(user.gaps).toMatchObject([{ reason: "venue" }]);
    expect(sim.stats().accepted).toBe(1);
    // The channel is subscribed still.
    sim.account().place(ORDER);
    await readUntil(user, ({ data }) => data.kind === "orders");
  });

  it("bear the product's own name: the account knows no aliases", async () => {
    const sim = await startVenue();
    const user = openUser(sim);
    await readUntil(user, () => true);
    sim.account().place({ ...ORDER, productId: "BTC-USDC" });
    const [event] = await readUntil(user, ({ data }) => data.kind === "orders");
    expect(event!.data).toMatchObject({ orders: [{ product_id: "BTC-USDC" }] });
  });

  it("come again when asked for", async () => {
    const sim = await startVenue({ accounts: [{ orders: 3 }] });
    const user = openUser(sim);
    await readUntil(user, () => true);
    user.resync();
    expect(user.state.snapshot.phase).toBe("recovering");
    const [again] = await readUntil(user, () => true);
    expect(again!.data).toMatchObject({ kind: "snapshot", reason: "requested" });
  });

  it("are told as lost when their reader is slow", async () => {
    const sim = await startVenue();
    const user = openUser(sim, { maxUpdates: 3 });
    await until(user.state, ({ phase }) => phase === "live");
    const placed = Array.from({ length: 10 }, () => sim.account().place(ORDER));
    const order = await readUntil(user, ({ data }) => ids(data).includes(placed.at(-1)!.order_id));
    expect(order.at(-1)!.seq).toBe(11);
    if (order.length < 11) expect(user.gaps[0]).toMatchObject({ reason: "overflow" });
  });
});

/** The venue waits long for a first subscription: its clock is asked for before that. */
const PATIENT = { limits: { subscribeWithinMs: 600_000 } };

describe("an account that is refused", () => {
  it("is tried once more with a fresh token, and then fails for good", async () => {
    const sim = await startVenue(PATIENT);
    const { privateKey } = sim.account();
    const signer = signerOf({
      ...sim.account(),
      keyName: "organizations/sim/apiKeys/unknown",
      privateKey,
    });
    const user = openUser(sim, { signer });
    await expect(readUntil(user, () => false)).rejects.toMatchObject({
      code: "AUTH_REFUSED",
      kind: "auth",
    });
    expect(user.state.snapshot).toMatchObject({ phase: "failed", cause: { code: "AUTH_REFUSED" } });
    await sim.waitFor(({ open }) => open === 0);
    expect(sim.stats()).toMatchObject({ accepted: 1, authFailures: 2 });
  });

  it("lives on when the fresh token is good", async () => {
    const sim = await startVenue();
    sim.faults.refuseRequests("authentication failure");
    const user = openUser(sim);
    await readUntil(user, () => true);
    expect(sim.stats().requests.map(({ channel, error }) => [channel, error])).toEqual([
      ["heartbeats", "authentication failure"],
      ["heartbeats", undefined],
      ["user", undefined],
    ]);
  });

  it("fails after a reconnect when its key was revoked meanwhile", async () => {
    const sim = await startVenue();
    const user = openUser(sim);
    await readUntil(user, () => true);
    sim.faults.revokeKey();
    sim.faults.dropConnections();
    await expect(readUntil(user, () => false)).rejects.toMatchObject({ code: "AUTH_REFUSED" });
    expect(sim.stats().accepted).toBe(2);
  });

  it("waits for a signer that fails, without hammering, and tells of it", async () => {
    const sim = await startVenue();
    let isClosed = true;
    const good = signerOf(sim.account());
    let told: (error: unknown) => void = () => undefined;
    const fault = new Promise((resolve) => {
      told = resolve;
    });
    const user = openUser(sim, {
      signer: {
        ...good,
        sign: (data) =>
          isClosed ? Promise.reject(new Error("the vault is closed")) : good.sign(data),
      },
      onFault: (error) => told(error),
    });
    expect(await fault).toMatchObject({ code: "SIGN_FAULT", kind: "auth" });
    expect(user.state.snapshot.phase).toBe("subscribing");
    expect(sim.stats()).toMatchObject({ accepted: 1, requests: [] });
    isClosed = false;
    await readUntil(user, () => true);
  });

  it.each([300_000, -300_000])(
    "comes all the same when our clock is off by %i ms, by the venue's own",
    async (clockSkewMs) => {
      const sim = await startVenue({ clockSkewMs, ...PATIENT });
      const user = openUser(sim);
      await until(user.state, ({ phase }) => phase === "live");
      // The heartbeats are refused once; every token after them is good.
      expect(sim.stats()).toMatchObject({ accepted: 1, authFailures: 1 });
    },
  );

  it("is tried again after pauses while the venue's clock cannot be asked", async () => {
    const sim = await startVenue({ clockSkewMs: 300_000 });
    let isAway = true;
    const told: unknown[] = [];
    const fetch: VenueRuntime["fetch"] = (url, request) =>
      isAway ? Promise.reject(new TypeError("no REST")) : nodeRuntime.fetch(url, request);
    const user = openUser(sim, {
      runtime: { ...nodeRuntime, fetch },
      onFault: (error) => told.push(error),
    });
    await sim.waitFor(({ authFailures }) => authFailures >= 2);
    expect(user.state.snapshot.phase).toBe("subscribing");
    isAway = false;
    await until(user.state, ({ phase }) => phase === "live");
    expect(told).toContainEqual(expect.objectContaining({ code: "REST_FAILED" }));
  });
});
