import { describe, expect, it } from "vitest";
import type { Subscription } from "@oath-ws/venue-kit";
import { VirtualGateway } from "../support/virtual-gateway.js";

function drain<T>(subscription: Subscription<T>): T[] {
  const all: T[] = [];
  for (let event = subscription.take(); event !== undefined; event = subscription.take())
    all.push(event.data);
  return all;
}

const HELD = ["smd+1", "smd+2", "smh+7", "sor", "str", "spl", "ssd+U1", "sld+U1"] as const;
const HISTORY = { history: { period: "1d", bar: "1h" } } as const;

/** A frame that cannot be read, whole or in part, and the topics that it may be about. */
const CASES: readonly { readonly text: string; readonly concerned: readonly string[] }[] = [
  { text: '{"nothing":1}', concerned: [] },
  { text: "[1]", concerned: [] },
  { text: '{"topic":"new+1"', concerned: [] },
  { text: '{"result":[{"monetaryValue":1},3]}', concerned: ["ssd+U1", "sld+U1"] },
  { text: '{"args":[{"orderId":1}]}', concerned: ["sor", "str", "spl"] },
  { text: '{"serverId":"1","data":[]}', concerned: ["smh+7"] },
  { text: '{"conid":1,"_updated":1,"84":"2"}', concerned: ["smd+1", "smd+2"] },
  { text: '{"topic":"sor","args":{}}', concerned: ["sor"] },
  { text: '{"topic":"sor","args":[{"orderId":1,"stat', concerned: ["sor"] },
  { text: '{"84":"9","topic":"smd+1","86":', concerned: ["smd+1"] },
  { text: '{"topic":"smh+7","data":1}', concerned: ["smh+7"] },
  { text: '{"topic":"ssd+U1","result":7}', concerned: ["ssd+U1"] },
  { text: '{"conid":1,"_upd', concerned: HELD },
  { text: "no JSON", concerned: HELD },
];

describe("a frame that cannot be read touches only the topics that it may be about", () => {
  it.each(CASES)("$text", async ({ text, concerned }) => {
    const gateway = new VirtualGateway();
    const faults: unknown[] = [];
    const { client, session } = gateway.open({ onFault: (error) => faults.push(error) });
    const held = HELD.map((name) => client.subscribe(name, name === "smh+7" ? HISTORY : {}));
    await gateway.world.run(2_000);
    gateway.say({ topic: "smh+7", serverId: "99", data: [{ o: 1 }] });
    await gateway.world.run(5_000);
    expect(held.map(({ state }) => state.snapshot.phase)).toEqual(HELD.map(() => "live"));
    const said = gateway.said.length;
    gateway.leaf.current?.text(text);
    gateway.say({ topic: "smd+2", conid: 2, conidEx: "2", _updated: 99_999, "84": "2.00" });
    await gateway.world.run(3_000);
    expect(faults).toHaveLength(1);
    const broken = held.filter(({ gapCount }) => gapCount > 0).map(({ topic }) => topic);
    expect(broken).toEqual(HELD.filter((name) => concerned.includes(name)));
    // What is put together of several frames is asked for again, and nothing else is.
    const again = gateway.said.slice(said).map((one) => one.text.replace(/\+\{.*$/, ""));
    const partial = ["smd+1", "smd+2", "str", "ssd+U1", "sld+U1"];
    expect(again.toSorted()).toEqual(partial.filter((name) => concerned.includes(name)).toSorted());
    const quotes = drain(held[1] as Subscription<{ bid?: string; ask?: string }>);
    const holes = quotes.filter(({ bid, ask }) => bid === undefined || ask === undefined);
    expect(holes.length > 0).toBe(concerned.includes("smd+2"));
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });
});

describe("a summary without its topic", () => {
  const SUMMARY = { result: [{ key: "AccruedCash-S", currency: "USD", monetaryValue: 1 }] };
  const LEDGER = { result: [{ key: "LedgerListUSD", acctCode: "U2", cashbalance: 5 }] };

  it("is of the one topic that it can be of", async () => {
    const gateway = new VirtualGateway();
    const faults: unknown[] = [];
    const { client, session } = gateway.open({ onFault: (error) => faults.push(error) });
    const summary = client.subscribe("ssd+U1");
    const ledgers = [client.subscribe("sld+U1"), client.subscribe("sld+U2")];
    await gateway.world.run(5_000);
    gateway.say(SUMMARY);
    gateway.say(LEDGER);
    await gateway.world.settle();
    expect(drain(summary)).toEqual([{ rows: SUMMARY.result }]);
    expect(ledgers.map(drain)).toEqual([[], [{ rows: LEDGER.result }]]);
    expect(faults).toEqual([]);
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });

  it("that can be of two is told, and both have a gap", async () => {
    const gateway = new VirtualGateway();
    const faults: unknown[] = [];
    const { client, session } = gateway.open({ onFault: (error) => faults.push(error) });
    const both = [client.subscribe("ssd+U1"), client.subscribe("ssd+U2")];
    await gateway.world.run(5_000);
    gateway.say(SUMMARY);
    await gateway.world.settle();
    expect(faults).toMatchObject([{ code: "FRAME_UNKNOWN" }]);
    expect(both.map(({ gapCount }) => gapCount)).toEqual([1, 1]);
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });
});
