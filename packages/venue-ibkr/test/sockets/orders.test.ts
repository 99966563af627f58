import { describe, expect, it } from "vitest";
import type { Order, OrderStream, OrderUpdate } from "@oath-ws/venue-ibkr";
import {
  live,
  openClient,
  openSession,
  QUICK,
  readUntil,
  recovering,
  startVenue,
  until,
} from "../support/venue.js";
import type { IbkrSim } from "../support/venue.js";

const ORDER = { conid: 265_598, side: "BUY", quantity: 10, price: 100 } as const;

/** The reader's own books: what the stream has told. */
function told(updates: readonly OrderUpdate[]): ReadonlyMap<number, Order> {
  const orders = new Map<number, Order>();
  for (const update of updates) {
    if (update.kind === "snapshot") orders.clear();
    for (const order of update.orders) orders.set(order.orderId, order);
  }
  return orders;
}

function asked(sim: IbkrSim): readonly string[] {
  return sim
    .stats()
    .requests.map(({ path }) => path)
    .filter((path) => path.startsWith("/iserver/account"));
}

async function snapshot(stream: OrderStream, reason: string): Promise<readonly OrderUpdate[]> {
  const events = await readUntil(
    stream,
    ({ data }) => data.kind === "snapshot" && data.reason === reason,
  );
  return events.map(({ data }) => data);
}

describe("the account's orders", () => {
  it.each([0, 1, 3])(
    "begin with those that there are, and go on with each whole: cold %i times",
    async (coldOrders) => {
      const sim = await startVenue({ wire: { coldOrders } });
      const before = sim.account.placeOrder(ORDER);
      const client = openClient(sim, openSession(sim));
      const stream = client.orderStream();
      const first = await snapshot(stream, "start");
      expect(first[0]?.orders).toMatchObject([
        { orderId: before.orderId, status: "Submitted", ticker: "AAPL" },
      ]);
      expect(asked(sim)).toEqual([
        "/iserver/accounts",
        ...Array.from({ length: Math.max(2, coldOrders + 1) }, () => "/iserver/account/orders"),
      ]);
      sim.account.fillOrder(before.orderId, { quantity: 4 });
      const second = sim.account.placeOrder(ORDER);
      sim.account.cancelOrder(second.orderId);
      const updates = await readUntil(stream, ({ data }) =>
        data.orders.some(({ status }) => status === "Cancelled"),
      );
      const orders = told([...first, ...updates.map(({ data }) => data)]);
      expect(orders.get(before.orderId)).toMatchObject({
        filledQuantity: 4,
        remainingQuantity: 6,
        price: "100.00",
        side: "BUY",
      });
      expect(orders.get(second.orderId)).toMatchObject({ status: "Cancelled", totalSize: 10 });
    },
  );

  it("come again after a break, with what happened in it", async () => {
    const sim = await startVenue();
    const { orderId } = sim.account.placeOrder(ORDER);
    const stream = openClient(sim, openSession(sim)).orderStream();
    await snapshot(stream, "start");
    const broke = until(stream.state, recovering);
    sim.faults.refuse({ status: 503, count: 3 });
    sim.faults.dropConnections();
    await broke;
    sim.account.fillOrder(orderId);
    const [again] = await snapshot(stream, "reconnect");
    expect(again?.orders).toMatchObject([{ orderId, status: "Filled", filledQuantity: 10 }]);
    await until(stream.state, live);
    expect(stream.gaps).toMatchObject([{ reason: "reconnect", topic: "sor" }]);
  });

  it("come again after the session was repaired on the same socket", async () => {
    const sim = await startVenue();
    const { orderId } = sim.account.placeOrder(ORDER);
    const stream = openClient(sim, openSession(sim)).orderStream();
    await snapshot(stream, "start");
    const broke = until(stream.state, recovering);
    sim.faults.loseSession();
    sim.account.cancelOrder(orderId);
    await broke;
    const [again] = await snapshot(stream, "reconnect");
    expect(again?.orders).toMatchObject([{ orderId, status: "Cancelled" }]);
    expect(sim.stats().accepted).toBe(1);
  });

  it("come again when our own buffer dropped frames", async () => {
    const sim = await startVenue({ market: { auto: false } });
    const client = openClient(sim, openSession(sim), {
      config: { ...QUICK, buffer: { maxFrames: 20 } },
    });
    const stream = client.orderStream();
    const quotes = client.subscribe("smd+265598", { policy: { kind: "latest" } });
    await Promise.all([snapshot(stream, "start"), until(quotes.state, live)]);
    sim.faults.burst(5_000);
    const { orderId } = sim.account.placeOrder(ORDER);
    const [again] = await snapshot(stream, "lagged");
    expect(again?.orders).toMatchObject([{ orderId, status: "Submitted" }]);
  });

  it("are asked for by the caller's own hook, and by his wish", async () => {
    const sim = await startVenue();
    const reasons: string[] = [];
    const orders: Order[] = [{ orderId: 7, status: "Submitted" }];
    const stream = openClient(sim, openSession(sim)).orderStream({
      reconcile: ({ reason }) => {
        reasons.push(reason);
        return Promise.resolve(orders);
      },
    });
    expect((await snapshot(stream, "start"))[0]?.orders).toEqual(orders);
    await until(stream.state, live);
    stream.reconcile();
    stream.reconcile();
    await snapshot(stream, "requested");
    expect(reasons).toEqual(["start", "requested"]);
    expect(asked(sim)).toEqual([]);
  });

  it("are asked for again when that fails, and the failure is told", async () => {
    const sim = await startVenue();
    const faults: unknown[] = [];
    sim.faults.failRequests(500, 1, "/iserver/accounts");
    const client = openClient(sim, openSession(sim), { onFault: (error) => faults.push(error) });
    await snapshot(client.orderStream(), "start");
    expect(faults).toMatchObject([{ code: "REST_REFUSED", status: 500 }]);
  });

  it("are asked for within the venue's pace", async () => {
    const sim = await startVenue({
      pacing: { paths: { "/iserver/account/orders": { requests: 1, windowMs: 500 } } },
    });
    const session = openSession(sim, {
      pacing: { paths: { "/iserver/account/orders": { max: 1, windowMs: 600 } } },
    });
    const stream = openClient(sim, session).orderStream();
    await snapshot(stream, "start");
    await until(stream.state, live);
    stream.reconcile();
    await snapshot(stream, "requested");
    expect(asked(sim).filter((path) => path.endsWith("orders"))).toHaveLength(4);
    expect(sim.stats()).toMatchObject({ pacingViolations: 0, penalised: 0 });
  });

  it("that their reader leaves behind are counted as lost", async () => {
    const sim = await startVenue();
    const client = openClient(sim, openSession(sim));
    const stream = client.orderStream({ maxUpdates: 2 });
    await until(stream.state, live);
    // Each makes several updates.
    const last = [1, 2, 3].map(() => sim.account.placeOrder(ORDER)).at(-1)!;
    const other = client.subscribe("sor");
    sim.account.cancelOrder(last.orderId);
    await readUntil(other, ({ data }) => data.orders.some(({ status }) => status === "Cancelled"));
    await readUntil(stream, () => true);
    expect(stream.gaps).toMatchObject([{ reason: "overflow", fromSeq: 1 }]);
  });
});
