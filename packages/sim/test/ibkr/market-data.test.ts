import { describe, expect, it } from "vitest";
import { connect, echo, follow, type Frame, frames, greeted, sim, tell } from "./with-sim.js";

const TOPIC = "smd+265598";
/** Members that every market data frame has. */
const ALWAYS = ["server_id", "conidEx", "conid", "_updated", "6119", "topic"];

function data(frame: Frame | undefined): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(frame ?? {}).filter(([name]) => !ALWAYS.includes(name)));
}

describe("market data", () => {
  it("begins with two snapshots of one moment, the members in another order", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await follow(client, 265_598, "31", "84", "86", "83", "6509", "none");
    const [first, second] = frames(client, TOPIC);
    expect(first).toEqual(second);
    expect(first).toMatchObject({
      conidEx: "265598",
      conid: 265_598,
      topic: TOPIC,
      server_id: first?.["6119"],
    });
    expect(data(first)).toEqual({
      "31": "271.50",
      "84": "271.49",
      "86": "271.51",
      "83": 0,
      "6509": "DPB",
    });
    const [one, other] = client.raw.filter((text) => text.includes('"conid"'));
    expect(one).not.toBe(other);
  });

  it("goes on with what has changed, and once with what was not asked for", async () => {
    const venue = await sim({ seed: 3 });
    const client = await greeted(venue);
    await follow(client, 265_598, "31", "55", "84", "86", "87");
    venue.market.step(5);
    await client.until(() => frames(client, TOPIC).length === 7);
    const known: Record<string, unknown> = { ...data(frames(client, TOPIC)[0]) };
    for (const [at, delta] of frames(client, TOPIC).slice(2).entries()) {
      expect(Object.keys(delta)).toEqual(expect.arrayContaining(ALWAYS));
      const { "6508": service, ...changed } = data(delta);
      expect(service === undefined).toBe(at > 0);
      expect(changed).not.toHaveProperty("55");
      for (const [field, value] of Object.entries(changed))
        expect(known[field], field).not.toBe(value);
      Object.assign(known, changed);
    }
    expect(venue.market.quote(265_598)).toMatchObject(known);
    const times = frames(client, TOPIC).map((frame) => frame["_updated"] as number);
    expect(new Set(times.slice(1)).size).toBe(6);
    expect(times).toEqual([...times].sort((one, other) => one - other));
  });

  it("adds fields by another request, with new snapshots, and shows none of them before", async () => {
    const venue = await sim({ wire: { snapshotDelayMs: 50 } });
    const client = await greeted(venue);
    await follow(client, 265_598, "31");
    await tell(venue, client, `${TOPIC}+{"fields":["84"]}`);
    venue.market.step();
    await client.until(() => frames(client, TOPIC).length === 5);
    const [, , delta, ...snapshots] = frames(client, TOPIC).map(data);
    expect(Object.keys(delta ?? {})).toEqual(["31", "6508"]);
    expect(snapshots.map((snapshot) => Object.keys(snapshot))).toEqual([
      ["31", "84"],
      ["31", "84"],
    ]);
    expect(venue.stats().subscriptions[0]?.topics).toEqual([TOPIC]);
  });

  it("has as many snapshots as the options say, and waits before them", async () => {
    const venue = await sim({ wire: { snapshots: 1, snapshotDelayMs: 20 } });
    const client = await greeted(venue);
    await tell(venue, client, `${TOPIC}+{"fields":["31"]}`);
    venue.market.step();
    await client.until(() => frames(client, TOPIC).length === 1);
    venue.market.step();
    await client.until(() => frames(client, TOPIC).length === 2);
    expect(Object.keys(data(frames(client, TOPIC)[1]))).toEqual(["31", "6508"]);
  });

  it("dies without a word when it gets old, while another request keeps it alive", async () => {
    const venue = await sim({ limits: { lineLifetimeMs: 800 }, wire: { heartbeatMs: 100 } });
    const client = await greeted(venue);
    // The one that is renewed is the older one: without renewal it would be the first to go.
    await follow(client, 8_314, "31");
    await follow(client, 265_598, "31");
    const renewal = setInterval(() => client.socket.send('smd+8314+{"fields":["31"]}'), 50);
    await venue.waitFor(({ expired }) => expired === 1);
    clearInterval(renewal);
    expect(venue.stats().subscriptions[0]?.topics).toEqual(["smd+8314"]);
    const seen = frames(client, TOPIC).length;
    venue.market.step();
    await echo(client);
    expect(frames(client, TOPIC)).toHaveLength(seen);
    await follow(client, 265_598, "31");
  });

  it("is given up without an acknowledgement", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await follow(client, 265_598, "31");
    client.socket.send("umd+265598+{}");
    await echo(client);
    venue.market.step();
    await echo(client);
    expect(client.messages.slice(5)).toEqual(["ech+hb", "ech+hb"]);
    expect(venue.stats().subscriptions[0]?.topics).toEqual([]);
  });

  it("keeps an exchange apart", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    client.socket.send('smd+265598@ISLAND+{"fields":["31"]}');
    await client.until(() => frames(client, "smd+265598@ISLAND").length === 2);
    expect(frames(client, "smd+265598@ISLAND")[0]).toMatchObject({
      conid: 265_598,
      conidEx: "265598@ISLAND",
    });
  });

  it("is limited to a hundred lines over all sockets; more are ignored", async () => {
    const venue = await sim();
    const [one, other] = [await greeted(venue), await greeted(venue)];
    const ask = (from: number, count: number): string[] =>
      Array.from({ length: count }, (_, at) => `smd+${from + at}+{"fields":["31"]}`);
    await tell(venue, one, ...ask(1, 60));
    await tell(venue, other, ...ask(61, 41));
    expect(venue.stats()).toMatchObject({ overLimit: 1 });
    expect(venue.stats().subscriptions.map(({ topics }) => topics.length)).toEqual([60, 40]);
    await echo(other);
    expect(frames(other).some(({ error }) => error !== undefined)).toBe(false);
    await tell(venue, one, "umd+1+{}");
    await tell(venue, other, ...ask(101, 1));
    expect(venue.stats().overLimit).toBe(1);
  });

  it("answers lines over the limit with an error by option", async () => {
    const venue = await sim({ limits: { lines: 1, overLimit: "error" } });
    const client = await greeted(venue);
    await tell(venue, client, "smd+1+{}", "smd+2+{}");
    const isError = (message: unknown): boolean =>
      typeof message === "object" && message !== null && "error" in message;
    await client.until(() => client.messages.some(isError));
    expect(client.messages.filter(isError)).toEqual([
      { error: "Limit exceeded smd+2+{}", code: 1 },
    ]);
  });

  it("marks the last price of what is halted or closed", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await follow(client, 265_598, "31");
    for (const state of ["halted", "closed", "trading"] as const)
      venue.market.setState(265_598, state);
    await client.until(() => frames(client, TOPIC).length === 5);
    expect(frames(client, TOPIC).map((frame) => frame["31"])).toEqual([
      "271.50",
      "271.50",
      "H271.50",
      "C271.50",
      "271.50",
    ]);
    expect(() => venue.market.setState(1, "halted")).toThrowError(/conid/);
    expect(() => venue.market.setState(265_598, "odd" as never)).toThrowError(/state/);
  });

  it("has another server id in another session", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await follow(client, 265_598, "31");
    venue.faults.loseSession();
    venue.session.login();
    await follow(client, 265_598, "31");
    const ids = frames(client, TOPIC).map((frame) => frame["server_id"]);
    expect(ids[0]).not.toBe(ids[2]);
  });

  it("is not there again after a reconnect", async () => {
    const venue = await sim();
    const first = await greeted(venue);
    await follow(first, 265_598, "31");
    first.drop();
    await venue.waitFor(({ open }) => open === 0);
    const second = await greeted(venue);
    venue.market.step();
    await echo(second);
    expect(second.messages.slice(3)).toEqual(["ech+hb"]);
  });
});

describe("the record", () => {
  it("has what was published and sent, so that losses can be found", async () => {
    const venue = await sim({ record: { frames: 100 } });
    const client = await greeted(venue);
    await follow(client, 265_598, "31");
    venue.market.step(2);
    venue.faults.drop(3);
    venue.market.step(5);
    await client.until(() => frames(client, TOPIC).length === 6);
    expect(venue.record.published(TOPIC)).toEqual([{ first: 1, last: 7, events: 7 }]);
    expect(venue.record.sent(1)).toEqual([
      {
        connection: 1,
        stream: TOPIC,
        events: 6,
        ranges: [
          { first: 1, last: 2, events: 2 },
          { first: 6, last: 7, events: 2 },
        ],
      },
    ]);
    expect(venue.record.frames(1, TOPIC)).toEqual(
      client.raw.filter((text) => text.includes('"conid"')),
    );
    expect(venue.stats().framesWithheld).toBe(3);
  });

  it("is the same for the same seed", async () => {
    const quotes: object[] = [];
    for (const seed of [7, 7, 8]) {
      const venue = await sim({ seed });
      venue.market.step(20);
      quotes.push(venue.market.quote(265_598));
    }
    expect(quotes[0]).toEqual(quotes[1]);
    expect(quotes[0]).not.toEqual(quotes[2]);
  });

  it("goes on by itself unless it is told not to", async () => {
    const venue = await sim({ market: { auto: true, stepMs: 5 } });
    const client = await connect(venue, `?oauth_token=${venue.session.oauthToken}`);
    await client.until(() => frames(client, "sts").length === 1);
    await follow(client, 265_598, "31");
    await client.until(() => frames(client, TOPIC).length >= 6);
    expect(venue.market.steps).toBeGreaterThan(3);
  });
});
