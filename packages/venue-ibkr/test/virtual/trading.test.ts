import { describe, expect, it } from "vitest";
import { IbkrTrading } from "@oath-ws/venue-ibkr";
import type { NewOrder, TradingOptions } from "@oath-ws/venue-ibkr";
import { VirtualOrders } from "../support/virtual-orders.js";
import type { Trouble } from "../support/virtual-orders.js";

const ORDER: NewOrder = {
  conid: 265_598,
  side: "BUY",
  orderType: "LMT",
  tif: "DAY",
  quantity: 1,
  price: 100,
};

function rig(options: Partial<TradingOptions> = {}) {
  const orders = new VirtualOrders();
  const { gateway } = orders;
  const { world } = gateway;
  const { session, client } = gateway.open();
  const trading = new IbkrTrading({
    runtime: gateway.runtime,
    session,
    accountId: "U1",
    ...options,
  });
  const end = async (): Promise<void> => {
    await world.complete(trading.shutdown());
    await world.complete(client.shutdown());
    await world.complete(session.shutdown());
  };
  return { orders, gateway, world, session, client, trading, end };
}

describe("orders over REST", () => {
  it("are placed, after the accounts were asked for once", async () => {
    const { orders, gateway, world, trading, end } = rig({ clientIdPrefix: "my-" });
    const first = await world.complete(trading.place(ORDER));
    expect(first).toMatchObject({ kind: "answered", answer: { order_id: "1" } });
    expect(first.clientId).toMatch(/^my-[0-9a-f]{32}$/);
    await world.complete(trading.place(ORDER));
    expect([...orders.record.keys()]).toEqual(orders.received);
    expect(gateway.rest.requests.map(({ path }) => path)).toEqual([
      "/iserver/accounts",
      "/iserver/account/U1/orders",
      "/iserver/account/U1/orders",
    ]);
    expect(gateway.rest.requests[1]?.body).toEqual({
      orders: [{ ...ORDER, cOID: first.clientId }],
    });
    await end();
  });

  it.each<[string, boolean, object]>([
    ["that are confirmed", true, { kind: "answered" }],
    ["that are declined", false, { kind: "refused", error: { code: "QUESTION_UNCONFIRMED" } }],
  ])("are asked questions %s", async (_, isYes, outcome) => {
    const asked: string[] = [];
    const { orders, world, trading, end } = rig({
      confirm: ({ messageIds }) => {
        asked.push(...messageIds);
        return isYes;
      },
    });
    orders.questions = 2;
    const placed = await world.complete(trading.place(ORDER));
    expect(placed).toMatchObject(outcome);
    expect(asked).toHaveLength(isYes ? 2 : 1);
    expect(orders.replies).toHaveLength(isYes ? 2 : 0);
    expect(orders.record.size).toBe(isYes ? 1 : 0);
    await end();
  });

  it("whose question is not decided in time are not placed", async () => {
    const { orders, world, trading, end } = rig({ confirm: () => new Promise(() => undefined) });
    orders.questions = 1;
    expect(await world.complete(trading.place(ORDER, { timeoutMs: 3_000 }))).toMatchObject({
      kind: "refused",
      error: { code: "QUESTION_UNCONFIRMED" },
    });
    expect(orders.replies).toEqual([]);
    await end();
  });

  it.each<[Trouble, string]>([
    [{ kind: "answerLost" }, "placed"],
    [{ kind: "answerLate", ms: 4_000 }, "placed"],
    [{ kind: "requestLate", ms: 20_000 }, "placed"],
    [{ kind: "doneYetFailed", status: 500 }, "placed"],
    [{ kind: "requestLost" }, "stillUnknown"],
    [{ kind: "refused", status: 503 }, "stillUnknown"],
  ])("of unknown fate come to their end by the client's id: %j", async (trouble, fate) => {
    const { orders, world, trading, end } = rig({ timeoutMs: 2_000 });
    orders.trouble = () => trouble;
    const outcome = await world.complete(trading.place(ORDER));
    if (outcome.kind !== "fateUnknown") throw new Error(`it ended as ${outcome.kind}`);
    const known = world.timer.now();
    expect(await world.complete(outcome.resolution)).toMatchObject({ kind: fate });
    expect(world.timer.now() - known).toBeLessThanOrEqual(60_000);
    expect(orders.received).toEqual([outcome.clientId]);
    expect(orders.record.has(outcome.clientId)).toBe(fate === "placed");
    await end();
  });

  it("are known by the client's stream before REST tells", async () => {
    const { orders, gateway, world, session, client, end } = rig();
    const trading = new IbkrTrading({
      runtime: gateway.runtime,
      session,
      accountId: "U1",
      client,
      timeoutMs: 2_000,
    });
    await world.run(20_000);
    orders.publishes = true;
    orders.isUp = false;
    orders.trouble = () => ({ kind: "answerLost" });
    const outcome = await world.complete(trading.place(ORDER));
    if (outcome.kind !== "fateUnknown") throw new Error(`it ended as ${outcome.kind}`);
    const known = world.timer.now();
    expect(await world.complete(outcome.resolution)).toMatchObject({
      kind: "placed",
      order: { orderId: 1, order_ref: outcome.clientId },
    });
    expect(world.timer.now()).toBe(known);
    await world.complete(trading.shutdown());
    await end();
  });

  it.each([400, 401, 403, 429])("that are refused with %i are not sent again", async (status) => {
    const { orders, world, trading, end } = rig();
    orders.trouble = () => ({ kind: "refused", status });
    expect(await world.complete(trading.place(ORDER))).toMatchObject({
      kind: "refused",
      error: { status },
    });
    await world.run(1_200_000);
    expect(orders.received).toHaveLength(1);
    await end();
  });

  it("do not leave while we are in the penalty box, or no connection can be made", async () => {
    const { orders, gateway, world, trading, end } = rig();
    const { answer } = gateway.rest;
    await world.complete(trading.place(ORDER));
    gateway.rest.answer = () => ({ status: 429 });
    expect((await world.complete(trading.place(ORDER))).kind).toBe("refused");
    gateway.rest.answer = answer;
    expect(await world.complete(trading.place(ORDER))).toMatchObject({
      kind: "didNotLeave",
      error: { code: "PENALTY_BOX" },
    });
    expect(orders.received).toHaveLength(1);
    await end();
  });

  it("are refused here while the account recovers, if asked for", async () => {
    const { orders, gateway, world, session, client, end } = rig();
    const stream = client.orderStream();
    const trading = new IbkrTrading({
      runtime: gateway.runtime,
      session,
      accountId: "U1",
      orders: stream,
      refuseWhile: "recovering",
    });
    const refused = { kind: "didNotLeave", error: { code: "ACCOUNT_RECOVERING" } };
    expect(await world.complete(trading.place(ORDER))).toMatchObject(refused);
    await world.runUntil(() => stream.state.snapshot.phase === "live");
    expect((await world.complete(trading.place(ORDER))).kind).toBe("answered");
    gateway.leaf.current?.reset();
    await world.runUntil(() => stream.state.snapshot.phase === "recovering");
    expect(await world.complete(trading.place(ORDER))).toMatchObject(refused);
    expect(orders.received).toHaveLength(1);
    await end();
  });

  it("refuse options that cannot work, all at once", () => {
    const options = { accountId: "U 1", client: {}, fateBoundMs: 0, hope: 1, refuseWhile: "live" };
    const make = () => new IbkrTrading(options as unknown as TradingOptions);
    for (const path of [
      "accountId",
      "client",
      "fateBoundMs",
      "hope",
      "session",
      "runtime.newId",
      "refuseWhile",
    ])
      expect(make).toThrow(path);
  });
});

describe("whatever breaks", () => {
  it.each([1, 2, 3])(
    "every call settles, and every order ends as the venue's record says: %i",
    async (seed) => {
      const { orders, world, trading, end } = rig({ confirm: () => true });
      const { random } = world;
      for (let drawn = 0; drawn < seed * 7; drawn++) random.next();
      const chance = () => random.next();
      orders.trouble = () => {
        const ms = Math.round(chance() * 20_000);
        const kinds: readonly Trouble[] = [
          { kind: "none" },
          { kind: "answerLost" },
          { kind: "requestLost" },
          { kind: "answerLate", ms },
          { kind: "requestLate", ms },
          { kind: "refused", status: 400 },
          { kind: "refused", status: 500 },
          { kind: "doneYetFailed", status: 502 },
        ];
        return kinds[Math.floor(chance() * kinds.length)] ?? { kind: "none" };
      };
      const ends = Array.from({ length: 40 }, async () => {
        await world.delay(chance() * 1_200_000);
        orders.questions = Math.floor(chance() * 3);
        const outcome = await trading.place(ORDER, { timeoutMs: 500 + chance() * 5_000 });
        const { kind, clientId } = outcome;
        return {
          kind,
          clientId,
          fate: kind === "fateUnknown" ? await outcome.resolution : undefined,
        };
      });
      const breaks = Array.from({ length: 10 }, async () => {
        await world.delay(chance() * 1_200_000);
        orders.isUp = false;
        await world.delay(chance() * 30_000);
        orders.isUp = true;
      });
      const settled = await world.complete(Promise.all(ends));
      await world.complete(Promise.all(breaks));
      await world.run(120_000);
      const words = new Set<string>();
      for (const { kind, clientId, fate } of settled) {
        const word = fate === undefined ? kind : `${kind}:${fate.kind}`;
        words.add(word);
        const times = orders.received.filter((id) => id === clientId).length;
        const isPlaced = orders.record.has(clientId);
        expect({ word, isOnce: times <= 1 }).toEqual({ word, isOnce: true });
        if (word === "answered" || word === "fateUnknown:placed")
          expect({ word, isPlaced }).toEqual({ word, isPlaced: true });
        if (word === "refused" || word === "didNotLeave")
          expect({ word, isPlaced }).toEqual({ word, isPlaced: false });
        expect(word).not.toBe("fateUnknown:notPlaced");
      }
      expect([...words].sort()).toEqual(
        expect.arrayContaining(["answered", "fateUnknown:placed", "refused"]),
      );
      await end();
    },
  );
});
