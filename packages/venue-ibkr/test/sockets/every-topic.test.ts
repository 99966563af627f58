import { describe, expect, it } from "vitest";
import { openClient, openSession, readUntil, startVenue, until, live } from "../support/venue.js";
import type { IbkrSimOptions } from "../support/venue.js";
import { Quote } from "@oath-ws/venue-ibkr";

describe.each<{ readonly opcode: NonNullable<NonNullable<IbkrSimOptions["wire"]>["opcode"]> }>([
  { opcode: "text" },
  { opcode: "binary" },
  { opcode: "mixed" },
])("every topic over $opcode frames", ({ opcode }) => {
  it("brings its typed payload", async () => {
    const sim = await startVenue({ wire: { opcode } });
    const session = openSession(sim);
    const faults: unknown[] = [];
    const client = openClient(sim, session, { onFault: (error) => faults.push(error) });
    const account = "U00000000";
    const system = client.subscribe("system");
    const act = client.subscribe("act");
    const sts = client.subscribe("sts");
    const ntf = client.subscribe("ntf");
    const blt = client.subscribe("blt");
    const smd = client.subscribe("smd+265598");
    const smh = client.subscribe("smh+265598", { history: { period: "2h", bar: "5min" } });
    const sor = client.subscribe("sor");
    const str = client.subscribe("str");
    const spl = client.subscribe("spl");
    const ssd = client.subscribe(`ssd+${account}` as "ssd+U");
    const sld = client.subscribe(`sld+${account}` as "sld+U");
    const sbd = client.subscribe(`sbd+${account}+265598+NASDAQ` as "sbd+U+1+X");
    await Promise.all(
      [smd, smh, sor, str, spl, ssd, sld, sbd].map(({ state }) => until(state, live)),
    );

    const [greeting] = await readUntil(system, ({ data }) => data.kind === "heartbeat");
    expect(greeting?.data).toEqual({ kind: "greeting", username: "BASELINE_USER", isPaper: false });
    const [accounts] = await readUntil(act, () => true);
    expect(accounts?.data.accounts).toEqual([account]);
    expect(accounts?.data).not.toHaveProperty("sessionId");
    const [status] = await readUntil(sts, () => true);
    expect(status?.data).toMatchObject({ authenticated: true });

    const [quote] = await readUntil(smd, () => true);
    expect(quote?.data).toBeInstanceOf(Quote);
    expect(quote?.data).toMatchObject({ conid: 265598, conidEx: "265598" });
    expect(Number(quote?.data.bid)).toBeLessThan(Number(quote?.data.ask));
    const [history] = await readUntil(smh, () => true);
    expect(history?.data.data.length).toBe(24);
    const [ladder] = await readUntil(sbd, () => true);
    expect(ladder?.data.data.length).toBeGreaterThan(0);
    const [profit] = await readUntil(spl, () => true);
    expect(Object.keys(profit?.data ?? {})).toEqual([`${account}.Core`]);
    for (const summary of [ssd, sld]) {
      // Rows that have not changed come without their members, which are put together here.
      const events = await readUntil(summary, (_, all) => all.length === 3);
      expect(events[2]?.data.rows[0]).toMatchObject({
        ...events[0]?.data.rows[0],
        timestamp: expect.any(Number) as number,
      });
    }

    const order = sim.account.placeOrder({ conid: 265598, side: "BUY", quantity: 10, price: 100 });
    const orders = await readUntil(sor, ({ data }) => data.orders[0]?.status === "Submitted");
    expect(orders.at(-1)?.data.orders[0]).toMatchObject({
      orderId: order.orderId,
      ticker: "AAPL",
      side: "BUY",
    });
    const { execution_id } = sim.account.fillOrder(order.orderId);
    const [trade] = await readUntil(str, () => true);
    expect(trade?.data).toMatchObject({ added: [{ execution_id, size: 10 }], updated: [] });

    sim.notify({ id: "N", title: "t", text: "x" });
    sim.bulletin("closed tomorrow");
    expect((await readUntil(ntf, () => true))[0]?.data).toMatchObject({ id: "N", text: "x" });
    expect((await readUntil(blt, () => true))[0]?.data).toMatchObject({
      message: "closed tomorrow",
    });
    expect(faults).toEqual([]);
    expect(sim.stats().unknownTopics).toBe(0);
  });
});

it("the client takes notifications in a list as well", async () => {
  const sim = await startVenue({ wire: { notifications: "list" } });
  const client = openClient(sim, openSession(sim));
  const ntf = client.subscribe("ntf");
  await until(ntf.state, live);
  sim.notify({ id: "A", title: "t", text: "x" });
  expect((await readUntil(ntf, () => true))[0]?.data).toMatchObject({ id: "A" });
});

it("the client cancels what is not held any more, histories by the number that came with them", async () => {
  const sim = await startVenue();
  const client = openClient(sim, openSession(sim));
  const names = [
    "smd+265598",
    "sor",
    "str",
    "spl",
    "ssd+U00000000",
    "sld+U00000000",
    "sbd+U00000000+265598+NASDAQ",
  ];
  const held = [
    ...names.map((name) => client.subscribe(name)),
    client.subscribe("smh+265598", { history: { period: "1d", bar: "1h" } }),
  ];
  await Promise.all(held.map(({ state }) => until(state, live)));
  await sim.waitFor(({ subscriptions }) => subscriptions[0]?.topics.length === 8);
  for (const subscription of held) subscription.close();
  // Cancelled before its number is known: the venue is told when it comes.
  client.subscribe("smh+8314", { history: { period: "1d", bar: "1h" } }).close();
  await sim.waitFor(({ subscriptions }) => subscriptions[0]?.topics.length === 0);
  const fresh = client.subscribe("smh+8314", { history: { period: "1d", bar: "1h" } });
  await until(fresh.state, live);
  fresh.close();
  const early = client.subscribe("smh+8314", { history: { period: "1d", bar: "1h" } });
  await sim.waitFor(
    ({ commands }) => commands.filter(({ text }) => text.startsWith("smh+8314")).length === 2,
  );
  early.close();
  await sim.waitFor(({ subscriptions }) => subscriptions[0]?.topics.length === 0);
  expect(client.topics).toEqual([]);
  expect(sim.stats().unknownTopics).toBe(0);
});
