import { describe, expect, it } from "vitest";
import { VirtualGateway } from "../support/virtual-gateway.js";

const ORDERS = "/iserver/account/orders";
const ORDER = { orderId: 7, status: "Submitted", filledQuantity: 0 };

/** A gateway that answers so often that it is still collecting the orders. */
function collecting(times: number, then: unknown): VirtualGateway {
  const gateway = new VirtualGateway();
  let asked = 0;
  gateway.rest.answer = ({ path }) =>
    path === ORDERS
      ? { body: ++asked <= times ? { orders: [], snapshot: false } : then }
      : undefined;
  return gateway;
}

describe("an account whose orders the venue is still collecting", () => {
  it.each([0, 1, 3])("is asked again, in the venue's pace: %i times", async (times) => {
    const gateway = collecting(times, { orders: [ORDER], snapshot: true });
    const { client, session } = gateway.open();
    const orders = client.orderStream();
    await gateway.world.runUntil(() => orders.state.snapshot.phase === "live");
    expect(orders.take()?.data).toMatchObject({ kind: "snapshot", orders: [ORDER] });
    const asked = gateway.rest.times(ORDERS);
    expect(asked).toHaveLength(Math.max(2, times + 1));
    for (const [next, at] of asked.slice(1).entries())
      expect(at - asked[next]!).toBeGreaterThanOrEqual(5_000);
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });

  it("is never taken for one without orders: it is told, and tried again with pauses", async () => {
    const gateway = collecting(Number.POSITIVE_INFINITY, undefined);
    const faults: unknown[] = [];
    const { client, session } = gateway.open({ onFault: (error) => faults.push(error) });
    const orders = client.orderStream();
    await gateway.world.run(600_000);
    expect(orders.state.snapshot).toMatchObject({
      phase: "subscribing",
      cause: { code: "ORDERS_NOT_READY" },
    });
    expect(orders.take()).toBeUndefined();
    expect(faults.length).toBeGreaterThan(3);
    expect(faults[0]).toMatchObject({ code: "ORDERS_NOT_READY", kind: "server" });
    // A try is bounded, and the next one waits.
    expect(gateway.rest.times(ORDERS).length).toBeLessThan(100);
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });

  it.each([
    { orders: [ORDER], snapshot: false, told: [ORDER] },
    { orders: [], snapshot: true, told: [] },
    { orders: [], told: [] },
  ])("is not one that answers $orders, snapshot $snapshot", async ({ told, ...body }) => {
    const gateway = collecting(0, body);
    const { client, session } = gateway.open();
    const orders = client.orderStream();
    await gateway.world.runUntil(() => orders.state.snapshot.phase === "live");
    expect(orders.take()?.data).toMatchObject({ kind: "snapshot", orders: told });
    expect(gateway.rest.times(ORDERS)).toHaveLength(2);
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });
});
