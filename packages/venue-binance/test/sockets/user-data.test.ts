import { describe, expect, it } from "vitest";
import type { UserDataUpdate } from "@oath-ws/venue-binance";
import type { TopicEvent } from "@oath-ws/venue-kit";
import { openUserData, readUntil, startVenue, until } from "../support/venue.js";

const WS_API = { endpoint: "ws-api" } as const;
const ORDER = { symbol: "BTCUSDT", side: "BUY", price: "100", quantity: "0.5" } as const;

function placed(updates: readonly TopicEvent<UserDataUpdate>[]): number[] {
  return updates.flatMap(({ data }) =>
    data.kind === "event" && data.event.e === "executionReport" && data.event.x === "NEW"
      ? [data.event.i]
      : [],
  );
}

const isOrder = ({ data }: TopicEvent<UserDataUpdate>, id: number): boolean =>
  data.kind === "event" && data.event.e === "executionReport" && data.event.i === id;

describe.each(["signature", "session"] as const)(
  "user data over real sockets, %s login",
  (login) => {
    it("begins with the account's state, then tells its events", async () => {
      const sim = await startVenue();
      const before = sim.account().placeOrder(ORDER);
      const user = openUserData(sim, { login });
      await until(user.state, ({ phase }) => phase === "live");
      const after = sim.account().placeOrder(ORDER);
      const updates = await readUntil(user, (update) => isOrder(update, after));
      expect(updates[0]!.data).toMatchObject({
        kind: "snapshot",
        reason: "start",
        account: { openOrders: [{ orderId: before }] },
      });
      expect(placed(updates)).toEqual([after]);
      expect(user.gaps).toEqual([]);
    });

    it("logs in again after a break, and reconciles before anything else comes", async () => {
      const sim = await startVenue();
      const user = openUserData(sim, { login });
      await until(user.state, ({ phase }) => phase === "live");
      sim.faults.apply({ kind: "reset" }, WS_API);
      await until(user.state, ({ phase }) => phase === "recovering");
      const missed = sim.account().placeOrder(ORDER);
      await until(user.state, ({ phase }) => phase === "live");
      const later = sim.account().placeOrder(ORDER);
      const updates = await readUntil(user, (update) => isOrder(update, later));
      const again = updates.find(
        ({ data }) => data.kind === "snapshot" && data.reason === "reconnect",
      );
      expect(again?.data).toMatchObject({ account: { openOrders: [{ orderId: missed }] } });
      expect(again!.seq).toBeLessThan(updates.at(-1)!.seq);
      expect(user.state.snapshot.epoch).toBe(2);
      expect(user.gaps).toMatchObject([{ reason: "reconnect", fromSeq: undefined }]);
    });

    it("corrects a clock that is off", async () => {
      const sim = await startVenue({ clockSkewMs: 120_000 });
      const user = openUserData(sim, { login });
      await until(user.state, ({ phase }) => phase === "live");
      expect(user.state.snapshot.cause).toBeUndefined();
    });

    it("fails for good when the signature is refused", async () => {
      const sim = await startVenue();
      const user = openUserData(sim, {
        login,
        credentials: { apiKey: sim.account().apiKey, sign: () => "bm90IGEgc2lnbmF0dXJl" },
      });
      await expect(readUntil(user, () => false)).rejects.toMatchObject({
        kind: "auth",
        code: "VENUE_-1022",
      });
      expect(user.state.snapshot).toMatchObject({
        phase: "failed",
        cause: { code: "VENUE_-1022" },
      });
      await sim.waitFor(({ open }) => open === 0);
    });

    it("keeps every event, once, over a planned renewal", async () => {
      const sim = await startVenue();
      const user = openUserData(sim, { login, renewal: { overlapMs: 50, quietMs: 100 } });
      await until(user.state, ({ phase }) => phase === "live");
      const orders = [sim.account().placeOrder(ORDER)];
      sim.faults.apply({ kind: "server-shutdown", closeAfterMs: 10_000 }, WS_API);
      await sim.waitFor(
        ({ subscriptions }) =>
          subscriptions.filter(({ streams }) => streams.length > 0).length === 2,
      );
      orders.push(sim.account().placeOrder(ORDER));
      await sim.waitFor(({ open }) => open === 1);
      orders.push(sim.account().placeOrder(ORDER));
      const updates = await readUntil(user, (update) => isOrder(update, orders[2]!));
      expect(placed(updates)).toEqual(orders);
      expect(updates.filter(({ data }) => data.kind === "snapshot")).toHaveLength(1);
      expect(user.gaps).toEqual([]);
      expect(user.state.snapshot).toMatchObject({ phase: "live", epoch: 2, recoveries: 0 });
    });
  },
);

describe("user data over real sockets", () => {
  it("notices in a session that the key was revoked", async () => {
    const sim = await startVenue();
    const user = openUserData(sim, { login: "session", sessionCheckMs: 50 });
    await until(user.state, ({ phase }) => phase === "live");
    sim.faults.apply({ kind: "revoke-key" }, WS_API);
    await expect(readUntil(user, () => false)).rejects.toMatchObject({
      code: "VENUE_-2015",
      status: 401,
    });
  });

  it("waits for the caller's own reconciliation, and tries again when it fails", async () => {
    const sim = await startVenue();
    const attempts: number[] = [];
    const faults: unknown[] = [];
    const user = openUserData(sim, {
      reconcile: ({ attempt }) => {
        attempts.push(attempt);
        // An event that comes meanwhile has to wait.
        sim.account().placeOrder(ORDER);
        return attempt === 1
          ? Promise.reject(new Error("the database is away"))
          : Promise.resolve(undefined);
      },
      onFault: (error) => faults.push(error),
    });
    const updates = await readUntil(user, (_, all) => placed(all).length === 2);
    expect(attempts).toEqual([1, 2]);
    expect(faults).toHaveLength(1);
    expect(updates.every(({ data }) => data.kind === "event")).toBe(true);
    expect(user.state.snapshot.phase).toBe("live");
  });

  it("shows no secret in its errors", async () => {
    const sim = await startVenue();
    const user = openUserData(sim, {
      credentials: {
        apiKey: "canary-key",
        sign: () => {
          throw new Error("canary-secret is wrong");
        },
      },
    });
    const failure = await readUntil(user, () => false).then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    expect(failure).toMatchObject({ code: "SIGN_FAULT" });
    expect(failure?.message).not.toContain("canary");
  });

  it("ends cleanly, also while it recovers", async () => {
    const sim = await startVenue();
    const user = openUserData(sim, { reconcile: () => new Promise(() => undefined) });
    await sim.waitFor(({ subscriptions }) =>
      subscriptions.some(({ streams }) => streams.length > 0),
    );
    await user.shutdown();
    expect(await user.readable()).toBe(false);
    expect(user.state.snapshot.phase).toBe("closed");
  });
});
