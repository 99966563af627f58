import { describe, expect, it } from "vitest";
import type { Subscription } from "@oath-ws/venue-kit";
import type { IbkrClient, SessionKeeper } from "@oath-ws/venue-ibkr";
import { VirtualGateway } from "../support/virtual-gateway.js";

const MINUTE = 60_000;

function drain<T>(subscription: Subscription<T>): T[] {
  const all: T[] = [];
  for (let event = subscription.take(); event !== undefined; event = subscription.take())
    all.push(event.data);
  return all;
}

async function end(
  gateway: VirtualGateway,
  { client, session }: { client: IbkrClient; session: SessionKeeper },
): Promise<void> {
  await gateway.world.complete(client.shutdown());
  await session.shutdown();
  await gateway.world.run(20_000);
  expect({
    timers: gateway.world.timer.pendingCount,
    tasks: gateway.world.spawn.liveCount,
    sockets: gateway.leaf.openSockets,
  }).toEqual({ timers: 0, tasks: 0, sockets: 0 });
}

describe("an hour with the defaults", () => {
  it("renews each line before eight minutes are over, tics and tickles every minute, on one socket", async () => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    const conids = Array.from({ length: 10 }, (_, index) => 100 + index);
    const lines = conids.map((conid) => client.subscribe(`smd+${conid}`));
    await gateway.world.run(60 * MINUTE);
    for (const [index, conid] of conids.entries()) {
      const times = gateway.times(`smd+${conid}+`);
      expect(times.length).toBeGreaterThanOrEqual(8);
      for (const [next, at] of times.slice(1).entries()) {
        expect(at - times[next]!).toBeLessThanOrEqual(8 * MINUTE);
        expect(at - times[next]!).toBeGreaterThan(7 * MINUTE);
      }
      expect(lines[index]!.state.snapshot).toMatchObject({
        phase: "live",
        recoveries: 0,
        gaps: 0,
        staleCount: 0,
      });
      // Two snapshots for each request, of which the second says nothing new.
      expect(drain(lines[index]!)).toHaveLength(times.length);
    }
    const tics = gateway.times("tic");
    expect(tics.length).toBeGreaterThanOrEqual(64);
    for (const [next, at] of tics.slice(1).entries()) expect(at - tics[next]!).toBe(55_000);
    const tickles = gateway.rest.times("/tickle");
    expect(tickles.length).toBeGreaterThanOrEqual(60);
    for (const [next, at] of tickles.slice(1).entries())
      expect(at - tickles[next]!).toBeLessThanOrEqual(61_000);
    expect(gateway.leaf.dials).toHaveLength(1);
    await end(gateway, { client, session });
  });

  it("says nothing of the venue's clock: heartbeats count by their arrival", async () => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    const system = client.subscribe("system");
    await gateway.world.run(35_000);
    const beats = drain(system).filter(({ kind }) => kind === "heartbeat");
    expect(beats).toHaveLength(4);
    expect(system.state.snapshot).toMatchObject({ phase: "live", staleCount: 0 });
    await end(gateway, { client, session });
  });
});

describe("heartbeats", () => {
  it("that are missed three times, with tics unanswered, make the connection again though pongs come", async () => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    const quotes = client.subscribe("smd+1");
    await gateway.world.run(25_000);
    gateway.beats = false;
    gateway.tics = false;
    const lastBeat = 24_000;
    const talk = (): void => {
      gateway.say({ topic: "spl", args: {} });
      if (gateway.leaf.dials.length === 1) gateway.world.timer.schedule(1_000, talk);
    };
    talk();
    await gateway.world.runUntil(() => quotes.state.snapshot.phase === "stale");
    expect(gateway.world.timer.now() - lastBeat).toBeGreaterThan(20_000);
    expect(gateway.world.timer.now() - lastBeat).toBeLessThan(22_000);
    await gateway.world.runUntil(() => quotes.state.snapshot.phase === "recovering");
    expect(gateway.world.timer.now() - lastBeat).toBeGreaterThan(30_000);
    expect(gateway.world.timer.now() - lastBeat).toBeLessThan(32_000);
    expect(quotes.state.snapshot.cause).toMatchObject({ code: "FORCED" });
    await end(gateway, { client, session });
  });

  it("are not needed: a venue without them is kept for an hour on its answers to tic alone", async () => {
    const gateway = new VirtualGateway();
    gateway.beats = false;
    const { client, session } = gateway.open();
    const quotes = client.subscribe("smd+1");
    await gateway.world.run(60 * MINUTE);
    expect(quotes.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
    expect(gateway.leaf.dials).toHaveLength(1);
    gateway.tics = false;
    gateway.snapshots = false;
    await gateway.world.runUntil(() => gateway.leaf.dials.length === 2, 4 * MINUTE);
    await end(gateway, { client, session });
  });

  it("that are late because we stood still cost nothing", async () => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    const quotes = client.subscribe("smd+1");
    await gateway.world.run(25_000);
    await gateway.world.stall(25_000);
    await gateway.world.run(60_000);
    expect(quotes.state.snapshot).toMatchObject({ phase: "live", recoveries: 0, staleCount: 0 });
    expect(gateway.leaf.dials).toHaveLength(1);
    await end(gateway, { client, session });
  });
});

describe("a line", () => {
  it("that could have died while we stood still is subscribed on a new connection, with a gap", async () => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    const quotes = client.subscribe("smd+1");
    await gateway.world.run(60_000);
    await gateway.world.stall(15 * MINUTE);
    await gateway.world.run(60_000);
    expect(quotes.state.snapshot).toMatchObject({ phase: "live", recoveries: 1, gaps: 1 });
    await end(gateway, { client, session });
  });

  it("whose snapshot never comes is asked for again every 20 s, and costs no connection", async () => {
    const gateway = new VirtualGateway();
    gateway.snapshots = false;
    const { client, session } = gateway.open();
    const quotes = client.subscribe("smd+1");
    await gateway.world.run(10 * MINUTE);
    expect(quotes.state.snapshot.phase).toBe("subscribing");
    expect(gateway.times("smd+1").length).toBeGreaterThan(25);
    expect(gateway.leaf.dials).toHaveLength(1);
    gateway.snapshots = true;
    await gateway.world.run(21_000);
    expect(quotes.state.snapshot.phase).toBe("live");
    await end(gateway, { client, session });
  });

  it("is not renewed while there is no session, and is asked for when it is back", async () => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    const quotes = client.subscribe("smd+1");
    await gateway.world.run(10_000);
    gateway.rest.status = { authenticated: false, competing: true };
    gateway.say({ topic: "sts", args: { authenticated: false, competing: true } });
    await gateway.world.run(30 * MINUTE);
    expect(quotes.state.snapshot).toMatchObject({
      phase: "recovering",
      cause: { code: "SESSION_COMPETING" },
    });
    expect(gateway.times("smd+1")).toHaveLength(1);
    gateway.rest.status = { authenticated: true, competing: false };
    gateway.say({ topic: "sts", args: { authenticated: true, competing: false } });
    await gateway.world.settle();
    expect(gateway.times("smd+1")).toHaveLength(2);
    expect(session.state.snapshot.phase).toBe("ready");
    expect(gateway.leaf.dials).toHaveLength(1);
    await end(gateway, { client, session });
  });

  it("is asked for in pieces of what the connection may send", async () => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    for (let conid = 1; conid <= 100; conid++) client.subscribe(`smd+${conid}`);
    await gateway.world.run(10_000);
    const times = gateway.times("smd+");
    expect(times).toHaveLength(100);
    for (let index = 25; index < times.length; index++)
      expect(times[index]! - times[index - 25]!).toBeGreaterThanOrEqual(1_000);
    await end(gateway, { client, session });
  });
});

describe("the greeting", () => {
  it("that asks for a session is given it, once, and nothing else before it", async () => {
    const gateway = new VirtualGateway();
    gateway.welcome = (peer) => {
      peer.text('{"message":"waiting for session"}');
      peer.text('{"message":"waiting for session"}');
    };
    const { client, session } = gateway.open();
    client.subscribe("spl");
    client.subscribe("sor");
    await gateway.world.run(5_000);
    expect(gateway.said.map(({ text }) => text)).toEqual(['{"session":"s1"}']);
    gateway.greet(gateway.leaf.current!);
    await gateway.world.settle();
    expect(gateway.said.map(({ text }) => text)).toEqual(['{"session":"s1"}', "spl+{}", "sor+{}"]);
    await end(gateway, { client, session });
  });

  it("that never comes ends in new connections with fresh sessions, never faster than the gate", async () => {
    const gateway = new VirtualGateway();
    gateway.welcome = (peer) => void peer.text('{"message":"waiting for session"}');
    const { client, session } = gateway.open();
    client.subscribe("spl");
    await gateway.world.run(MINUTE);
    const { length } = gateway.leaf.dials;
    expect(length).toBeGreaterThan(4);
    expect(length).toBeLessThanOrEqual(7);
    expect(gateway.rest.times("/tickle").length).toBeGreaterThanOrEqual(length);
    await end(gateway, { client, session });
  });

  it.each([
    { afterMs: 1_900, told: 0 },
    { afterMs: 2_100, told: 1 },
  ])(
    "is benign about a session named too often for two seconds: after $afterMs ms",
    async ({ afterMs, told }) => {
      const gateway = new VirtualGateway();
      gateway.welcome = (peer) => void peer.text('{"message":"waiting for session"}');
      const faults: unknown[] = [];
      const { client, session } = gateway.open({ onFault: (error) => faults.push(error) });
      client.subscribe("spl");
      await gateway.world.run(250 + afterMs);
      gateway.say({ error: 'Topic unknown {"session":"s1"}', code: 1 });
      gateway.say({ error: "Topic unknown smd+0", code: 1, topic: "error" });
      await gateway.world.settle();
      const messages = faults.map((fault) => (fault as Error).message);
      // What repeats the session is not shown.
      const shown = ["the venue sent error 1", "the venue sent error 1: Topic unknown smd+0"];
      expect(messages).toEqual(told === 0 ? [] : shown);
      await end(gateway, { client, session });
    },
  );
});

describe("frames that are not documented", () => {
  it.each([
    { text: "no JSON", code: "FRAME_INVALID", gaps: 1 },
    { text: "[1]", code: "FRAME_UNKNOWN", gaps: 0 },
    { text: '{"topic":"sor","args":{}}', code: "FRAME_UNKNOWN", gaps: 0 },
    { text: '{"topic":"smh+1","data":1}', code: "FRAME_UNKNOWN", gaps: 0 },
    { text: '{"nothing":1}', code: "FRAME_UNKNOWN", gaps: 0 },
    { text: '{"topic":"new+1"}', code: "FRAME_UNKNOWN", gaps: 0 },
    { text: '{"message":"Unsubscribed 1234"}', code: undefined, gaps: 0 },
    { text: '{"result":"unsubscribed from summary"}', code: undefined, gaps: 0 },
    { text: '{"topic":"smd+1","_updated":1}', code: undefined, gaps: 0 },
    { text: '{"topic":"system"}', code: undefined, gaps: 0 },
  ])("$text", async ({ text, code, gaps }) => {
    const gateway = new VirtualGateway();
    const faults: unknown[] = [];
    const { client, session } = gateway.open({ onFault: (error) => faults.push(error) });
    const quotes = client.subscribe("smd+1");
    await gateway.world.run(10_000);
    gateway.leaf.current?.text(text);
    await gateway.world.run(2_000);
    gateway.say({ topic: "smd+1", conid: 1, conidEx: "1", _updated: 99_999, "84": "2.00" });
    await gateway.world.settle();
    expect(faults).toMatchObject(code === undefined ? [] : [{ code, kind: "server" }]);
    expect(quotes.state.snapshot).toMatchObject({ phase: "live", gaps });
    // What may be incomplete is asked for again.
    expect(gateway.times("smd+1")).toHaveLength(1 + gaps);
    expect(drain(quotes).at(-1)).toMatchObject({ bid: "2.00", ask: "1.01" });
    await end(gateway, { client, session });
  });
});

describe("names that differ", () => {
  it("of a line with an exchange, and of a ladder by account, find their topics", async () => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    const line = client.subscribe("smd+5@SMART");
    const ladder = client.subscribe("sbd+U1+5+NYSE");
    await gateway.world.run(5_000);
    gateway.say({ topic: "smd+5", conid: 5, conidEx: "5@SMART", _updated: 1, "31": "C7.00" });
    gateway.say({ topic: "sbd+U1", data: [{ price: "7.00" }] });
    await gateway.world.settle();
    expect(drain(line)[0]).toMatchObject({
      conidEx: "5@SMART",
      last: "7.00",
      lastKind: "prior-close",
    });
    expect(drain(ladder)).toEqual([{ data: [{ price: "7.00" }] }]);
    await end(gateway, { client, session });
  });
});

describe("an order's change that is lost on a connection that carries market data too", () => {
  const CHANGE = JSON.stringify({ topic: "sor", args: [{ orderId: 1, status: "Filled" }] });

  it.each([
    ["in our own receive buffer", "lagged"],
    ["in a frame that cannot be read", "unreadable"],
  ])("%s, has all orders asked for at once", async (_, how) => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open({ config: { buffer: { maxFrames: 8 } } });
    const reasons: string[] = [];
    const orders = client.orderStream({
      reconcile: ({ reason }) => {
        reasons.push(reason);
        return Promise.resolve([]);
      },
    });
    client.subscribe("smd+1");
    await gateway.world.run(60_000);
    expect([orders.state.snapshot.phase, reasons]).toEqual(["live", ["start"]]);
    if (how === "unreadable") {
      gateway.leaf.current?.text(CHANGE.slice(0, -4));
    } else {
      gateway.leaf.current?.text(CHANGE);
      for (let n = 0; n < 50; n++)
        gateway.say({ topic: "smd+1", conid: 1, conidEx: "1", _updated: n, "84": `1.${n}` });
    }
    await gateway.world.run(1_000);
    expect(reasons).toEqual(["start", "lagged"]);
    expect(orders.gaps).toMatchObject([{ reason: "lagged" }]);
    expect(orders.state.snapshot.phase).toBe("live");
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });
});

describe("a topic that the gateway refuses", () => {
  it.each(["sor", "spl", "ssd+U1", "smd+2"] as const)(
    "%s is asked for again after a pause, says why meanwhile, and touches no quote",
    async (topic) => {
      const gateway = new VirtualGateway();
      const faults: unknown[] = [];
      const { client, session } = gateway.open({ onFault: (error) => faults.push(error) });
      const quotes = client.subscribe("smd+1");
      await gateway.world.run(2_000);
      gateway.snapshots = false;
      const refused = client.subscribe(topic);
      await gateway.world.run(10);
      gateway.snapshots = true;
      for (let times = 1; times <= 3; times++) {
        gateway.say({ error: "unable to subscribe", code: 500, topic });
        await gateway.world.run(10);
        expect(refused.state.snapshot).toMatchObject({
          phase: "subscribing",
          cause: { code: "SUBSCRIPTION_REFUSED" },
        });
        expect(gateway.times(topic)).toHaveLength(times);
        if (times < 3) gateway.snapshots = false;
        await gateway.world.runUntil(() => gateway.times(topic).length > times);
        await gateway.world.run(10);
        gateway.snapshots = true;
      }
      await gateway.world.run(61_000);
      expect(refused.state.snapshot.phase).toBe("live");
      expect(quotes.state.snapshot).toMatchObject({ phase: "live", recoveries: 0, gaps: 0 });
      expect(gateway.times("smd+1")).toHaveLength(1);
      expect(faults).toMatchObject(
        Array.from({ length: 3 }, () => ({ code: "SUBSCRIPTION_REFUSED" })),
      );
      expect(gateway.leaf.dials).toHaveLength(1);
      await end(gateway, { client, session });
    },
  );

  it("that is not held is told as a fault, and touches no quote", async () => {
    const gateway = new VirtualGateway();
    const faults: unknown[] = [];
    const { client, session } = gateway.open({ onFault: (error) => faults.push(error) });
    client.subscribe("smd+1");
    await gateway.world.run(4_000);
    gateway.say({ error: "unable to subscribe", code: 500, topic: "sor" });
    await gateway.world.run(5_000);
    expect(faults).toMatchObject([{ code: "VENUE_ERROR" }]);
    expect(gateway.times("smd+1")).toHaveLength(1);
    await end(gateway, { client, session });
  });
});
