import { nodeRuntime } from "oath-ws";
import { describe, expect, it, onTestFinished } from "vitest";
import { IbkrTrading } from "@oath-ws/venue-ibkr";
import type { NewOrder, TradingOptions } from "@oath-ws/venue-ibkr";
import { openClient, openSession, startVenue } from "../support/venue.js";
import type { IbkrSim } from "../support/venue.js";

const ORDER: NewOrder = {
  conid: 265_598,
  side: "BUY",
  orderType: "LMT",
  tif: "DAY",
  quantity: 10,
  price: 100,
};

function openTrading(sim: IbkrSim, options: Partial<TradingOptions> = {}): IbkrTrading {
  const session = openSession(sim);
  const trading = new IbkrTrading({
    runtime: nodeRuntime,
    session,
    accountId: sim.account.id,
    client: openClient(sim, session),
    confirm: () => true,
    ...options,
  });
  onTestFinished(() => trading.shutdown());
  return trading;
}

describe("orders over real sockets", () => {
  it("are placed, changed, shown and cancelled", async () => {
    const sim = await startVenue();
    const trading = openTrading(sim);
    const placed = await trading.place(ORDER);
    expect(placed).toMatchObject({ kind: "answered", answer: { order_status: "Submitted" } });
    const [order] = sim.account.orders;
    expect(order).toMatchObject({ order_ref: placed.clientId, price: "100.00" });
    const id = order?.orderId ?? 0;
    expect(await trading.modify(id, { ...ORDER, price: 101 })).toMatchObject({ kind: "answered" });
    expect(await trading.status(id)).toMatchObject({ answer: { limit_price: "101.00" } });
    expect(await trading.cancel(id)).toMatchObject({ kind: "answered" });
    expect(sim.account.orders).toMatchObject([{ status: "Cancelled" }]);
    expect(await trading.cancel(id)).toMatchObject({ kind: "refused", error: { status: 400 } });
  });

  it("with questions that are not confirmed, or an id that was used, are refused", async () => {
    const sim = await startVenue();
    const strict = openTrading(sim, { confirm: undefined });
    expect(await strict.place(ORDER)).toMatchObject({
      kind: "refused",
      error: { code: "QUESTION_UNCONFIRMED" },
    });
    const trading = openTrading(sim);
    const cOID = trading.newClientId();
    expect((await trading.place({ ...ORDER, cOID })).kind).toBe("answered");
    expect(await trading.place({ ...ORDER, cOID })).toMatchObject({
      kind: "refused",
      error: { status: 400 },
    });
    expect(sim.account.orders).toHaveLength(1);
  });

  it.each(["answer-lost", "reset-after", "answer-late", "slow"] as const)(
    "are found after %s",
    async (trouble) => {
      const sim = await startVenue();
      const trading = openTrading(sim, { timeoutMs: 500 });
      sim.faults.orderTrouble({ trouble, delayMs: 1_000 });
      const outcome = await trading.place(ORDER);
      if (outcome.kind !== "fateUnknown") throw new Error(`it ended as ${outcome.kind}`);
      expect(await outcome.resolution).toMatchObject({
        kind: "placed",
        order: { order_ref: outcome.clientId },
      });
      expect(sim.account.orders).toHaveLength(1);
    },
  );
});
