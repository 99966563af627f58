import { describe, expect, it } from "vitest";
import type { IbkrSim, IbkrSimOptions } from "../../src/index.js";
import type { Reply } from "./with-sim.js";
import { rest, sim } from "./with-sim.js";

const ORDER = {
  conid: 265_598,
  side: "BUY",
  orderType: "LMT",
  tif: "DAY",
  quantity: 5,
  price: 100,
  cOID: "mine",
};
const PLACE = "POST /iserver/account/U00000000/orders";

async function asked(options: IbkrSimOptions = {}): Promise<IbkrSim> {
  const venue = await sim(options);
  await rest(venue, "GET /iserver/accounts");
  return venue;
}

function place(venue: IbkrSim, order: object = {}): Promise<Reply> {
  return rest(venue, PLACE, { orders: [{ ...ORDER, ...order }] });
}

async function confirm(venue: IbkrSim, question: Reply, confirmed = true): Promise<Reply> {
  const [first] = question.body as unknown as readonly [{ readonly id: string }];
  return rest(venue, `POST /iserver/reply/${first.id}`, { confirmed });
}

describe("orders over REST", () => {
  it("are placed after every question was confirmed, and show the client's id", async () => {
    const venue = await asked({ wire: { orderQuestions: 2 } });
    const first = await place(venue);
    expect(first.body).toMatchObject([{ messageIds: ["o163"], isSuppressed: false }]);
    const second = await confirm(venue, first);
    expect(venue.account.orders).toEqual([]);
    expect((await confirm(venue, second)).body).toMatchObject([{ order_status: "Submitted" }]);
    expect(venue.account.orders).toMatchObject([{ order_ref: "mine", price: "100.00" }]);
    expect((await confirm(venue, second)).status).toBe(400);
  });

  it("are not placed when a question is declined", async () => {
    const venue = await asked();
    expect((await confirm(venue, await place(venue), false)).status).toBe(400);
    expect(venue.account.orders).toEqual([]);
  });

  it("want the accounts to be asked for first, in every session", async () => {
    const venue = await sim();
    expect(await place(venue)).toMatchObject({ status: 400 });
    await rest(venue, "GET /iserver/accounts");
    expect((await place(venue)).status).toBe(200);
    venue.faults.rollSession();
    expect(await place(venue)).toMatchObject({ status: 400 });
  });

  it("are changed, shown and cancelled by the venue's id", async () => {
    const venue = await asked({ wire: { orderQuestions: 0 } });
    await place(venue);
    const id = venue.account.orders[0]?.orderId ?? 0;
    const path = `/iserver/account/U00000000/order/${id}`;
    expect((await rest(venue, `POST ${path}`, { price: 101, quantity: 7 })).status).toBe(200);
    expect(await rest(venue, `GET /iserver/account/order/status/${id}`)).toMatchObject({
      body: { order_id: id, limit_price: "101.00", size_and_fills: "0/7" },
    });
    expect((await rest(venue, `DELETE ${path}`)).body).toMatchObject({ order_id: id });
    expect((await rest(venue, `DELETE ${path}`)).status).toBe(400);
    expect((await rest(venue, "GET /iserver/account/order/status/1")).status).toBe(404);
  });

  it.each([
    ["an id that was used", {}],
    ["an order type that is not known", { cOID: "a", orderType: "HOPE" }],
    ["no price", { cOID: "a", price: 0 }],
  ])("with %s are refused", async (_, order) => {
    const venue = await asked({ wire: { orderQuestions: 0 } });
    await place(venue);
    expect((await place(venue, order)).status).toBe(400);
    expect(venue.account.orders).toHaveLength(1);
  });

  it.each<["reset-after" | "reset-before" | "answer-late" | "request-late", boolean, boolean]>([
    ["reset-after", false, true],
    ["reset-before", false, false],
    ["answer-late", true, true],
    ["request-late", true, true],
  ])("with %s: answered %o, placed %o", async (trouble, isAnswered, isPlaced) => {
    const venue = await asked({ wire: { orderQuestions: 0 } });
    venue.faults.orderTrouble({ trouble, delayMs: 20 });
    const answer = await place(venue).catch(() => undefined);
    expect(answer !== undefined).toBe(isAnswered);
    expect(venue.account.orders).toHaveLength(isPlaced ? 1 : 0);
  });
});
