import { describe, expect, it } from "vitest";
import {
  ALERT,
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

/** What was said on a connection, without the tics. */
function said(sim: IbkrSim, connection: number): readonly string[] {
  const own = sim.stats().commands.filter((command) => command.connection === connection);
  return own.map(({ text }) => text.replace(/\+\{.*$/, "")).filter((text) => text !== "tic");
}

describe("after a break", () => {
  it.each(["reset", "cut", "half-open", "close"] as const)(
    "everything that is wanted is subscribed again, and nothing that was cancelled: %s",
    async (kind) => {
      const sim = await startVenue();
      const client = openClient(sim, openSession(sim), kind === "half-open" ? ALERT : {});
      const names = ["smd+265598", "smd+8314", "sor", "str", "spl", "ssd+U00000000"];
      const held = names.map((name) => client.subscribe(name));
      const history = client.subscribe("smh+265598", { history: { period: "1d", bar: "1h" } });
      const cancelled = client.subscribe("sld+U00000000");
      await Promise.all([...held, history, cancelled].map(({ state }) => until(state, live)));
      cancelled.close();
      await sim.waitFor(
        ({ subscriptions }) => subscriptions[0]?.topics.includes("sld+U00000000") === false,
      );
      const broke = Promise.all(held.map(({ state }) => until(state, recovering)));
      sim.faults.apply({ kind });
      await broke;
      await Promise.all(
        [...held, history].map(({ state }) =>
          until(state, ({ phase, epoch }) => phase === "live" && epoch === 2),
        ),
      );
      expect(said(sim, 2).toSorted()).toEqual([...names, "smh+265598"].toSorted());
      await readUntil(held[0]!, ({ epoch, gaps }) => epoch === 2 && gaps === 1);
      expect(held[0]!.gaps).toMatchObject([{ reason: "reconnect" }]);
    },
  );

  it("the fields of a contract are those that its holders asked for", async () => {
    const sim = await startVenue();
    const client = openClient(sim, openSession(sim));
    const quotes = client.subscribe("smd+265598", { fields: ["bid"] });
    await until(quotes.state, live);
    const [first] = await readUntil(quotes, () => true);
    expect([first?.data.bid, first?.data.ask]).toEqual([expect.any(String), undefined]);
    client.subscribe("smd+265598", { fields: ["ask", "31"] });
    // On the same line, without a break in it.
    const events = await readUntil(quotes, ({ data }) => data.ask !== undefined);
    expect(events.at(-1)).toMatchObject({ epoch: 1, gaps: 0 });
    expect(events.at(-1)?.data.bid).toBeDefined();
    sim.faults.dropConnections();
    await until(quotes.state, ({ phase, epoch }) => phase === "live" && epoch === 2);
    const commands = sim.stats().commands.filter(({ text }) => text.startsWith("smd"));
    expect(
      commands.map(({ text }) => JSON.parse(text.replace("smd+265598+", "")) as object),
    ).toEqual([{ fields: ["84"] }, { fields: ["84", "86", "31"] }, { fields: ["84", "86", "31"] }]);
  });
});

describe("a market data line", () => {
  it("outlives its term, and no step of the market is missing", async () => {
    const sim = await startVenue({ market: { auto: false }, limits: { lineLifetimeMs: 2_000 } });
    const client = openClient(sim, openSession(sim), {
      lines: { renewAfterMs: 250, expireAfterMs: 20_000 },
    });
    const quotes = client.subscribe("smd+265598", { fields: ["bid", "ask", "last"] });
    await until(quotes.state, live);
    const asked = (): number => said(sim, 1).filter((text) => text === "smd+265598").length;
    let last: { readonly bid?: string | undefined; readonly ask?: string | undefined } = {};
    let events = 0;
    while (asked() < 12) {
      sim.market.step();
      const { "84": bid, "86": ask } = sim.market.quote(265_598);
      const read = await readUntil(quotes, ({ data }) => data.bid === bid && data.ask === ask);
      events += read.length;
      last = read.at(-1)!.data;
    }
    expect(events).toBeGreaterThan(50);
    expect(last.bid).toBe(sim.market.quote(265_598)["84"]);
    expect(quotes.state.snapshot).toMatchObject({
      phase: "live",
      recoveries: 0,
      gaps: 0,
      staleCount: 0,
    });
    expect(sim.stats()).toMatchObject({ expired: 0, accepted: 1 });
  });

  it("that is dead although the connection is well is noticed and asked for again", async () => {
    const sim = await startVenue();
    const client = openClient(sim, openSession(sim));
    const quotes = client.subscribe("smd+265598", { staleAfterMs: 150 });
    const other = client.subscribe("smd+8314");
    await Promise.all([until(quotes.state, live), until(other.state, live)]);
    const stale = until(quotes.state, ({ phase }) => phase === "stale");
    sim.faults.expireTopic("smd+265598");
    await stale;
    await until(quotes.state, live);
    expect(other.state.snapshot).toMatchObject({ phase: "live", staleCount: 0 });
    expect(sim.stats().accepted).toBe(1);
  });

  it("that is only quiet is live again with the venue's answer", async () => {
    const sim = await startVenue({ market: { auto: false } });
    const client = openClient(sim, openSession(sim));
    const quotes = client.subscribe("smd+265598", { staleAfterMs: 100 });
    await until(quotes.state, live);
    await until(quotes.state, ({ staleCount, phase }) => staleCount === 3 && phase === "live");
    // Nothing has happened; what was known is told again.
    const events = await readUntil(quotes, (_, all) => all.length === 4);
    expect(new Set(events.map(({ data }) => data.bid)).size).toBe(1);
    expect(quotes.state.snapshot).toMatchObject({ gaps: 0, recoveries: 0 });
  });

  it("whose snapshot never comes is asked for again, and costs no connection", async () => {
    const sim = await startVenue({ limits: { lines: 1 } });
    const client = openClient(sim, openSession(sim));
    const first = client.subscribe("smd+265598");
    await until(first.state, live);
    // The venue serves one line less than we were told, and says nothing.
    const second = client.subscribe("smd+8314");
    await sim.waitFor(({ overLimit }) => overLimit === 1);
    expect(second.state.snapshot.phase).toBe("subscribing");
    expect(sim.stats().accepted).toBe(1);
  });

  it("beyond the user's number is refused at once, by name, and room is made by closing one", async () => {
    const sim = await startVenue();
    const client = openClient(sim, openSession(sim));
    const lines = Array.from({ length: 100 }, (_, index) =>
      client.subscribe(`smd+${1_000 + index}`),
    );
    expect(() => client.subscribe("smd+265598")).toThrowError(
      expect.objectContaining({ code: "LINES_EXHAUSTED", kind: "throttled" }),
    );
    // One that is held already is no further line.
    client.subscribe("smd+1000").close();
    await Promise.all(lines.map(({ state }) => until(state, live)));
    lines[0]!.close();
    await until(client.subscribe("smd+265598").state, live);
    expect(sim.stats()).toMatchObject({ overLimit: 0, accepted: 1 });
  });

  it("survives updates that are empty, and bytes that are no UTF-8", async () => {
    const sim = await startVenue();
    const faults: unknown[] = [];
    const client = openClient(sim, openSession(sim), { onFault: (error) => faults.push(error) });
    const quotes = client.subscribe("smd+265598");
    await until(quotes.state, live);
    sim.faults.emptyUpdate();
    sim.faults.strayByte(3);
    await readUntil(quotes, (_, all) => all.length === 20);
    expect(faults).toEqual([]);
    expect(quotes.state.snapshot).toMatchObject({ phase: "live", recoveries: 0, gaps: 0 });
    expect(sim.stats().accepted).toBe(1);
  });
});

describe("a mute connection", () => {
  it("makes everything on it stale, and is replaced, although it answers pings", async () => {
    const sim = await startVenue({ market: { auto: false } });
    const client = openClient(sim, openSession(sim), {
      greetingTimeoutMs: 3_000,
      pulse: { staleAfterMs: 500, deadAfterMs: 5_000 },
    });
    const quotes = client.subscribe("smd+265598");
    const orders = client.subscribe("sor");
    await Promise.all([until(quotes.state, live), until(orders.state, live)]);
    // A venue that never beat is not expected to.
    await readUntil(client.subscribe("system"), ({ data }) => data.kind === "heartbeat");
    const stale = [quotes, orders].map(({ state }) =>
      until(state, ({ phase }) => phase === "stale"),
    );
    sim.faults.mute();
    await Promise.all(stale);
    expect(sim.stats().accepted).toBe(1);
    sim.faults.unmute();
    await Promise.all([quotes, orders].map(({ state }) => until(state, live)));
    sim.faults.mute();
    await sim.waitFor(({ accepted }) => accepted === 2);
    sim.faults.unmute();
    await until(orders.state, ({ phase, epoch }) => phase === "live" && epoch > 1);
  });

  it("is kept without any heartbeat, as long as tic is answered", async () => {
    const sim = await startVenue({ market: { auto: false }, wire: { heartbeatMs: 3_600_000 } });
    const client = openClient(sim, openSession(sim), {
      pulse: { ticEveryMs: 50, staleAfterMs: 2_000, deadAfterMs: 3_000, idleAfterMs: 3_000 },
    });
    const quotes = client.subscribe("smd+265598");
    await until(quotes.state, live);
    await sim.waitFor(({ tics }) => tics >= 12);
    expect(quotes.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
    expect(sim.stats()).toMatchObject({ accepted: 1, unknownTopics: 0 });
    sim.faults.mute();
    await sim.waitFor(({ accepted }) => accepted === 2);
  });

  it("is replaced when it never greets", async () => {
    const sim = await startVenue({ wire: { greetingGapMs: 2 } });
    const session = openSession(sim, { auth: { kind: "first-frame" } });
    session.firstFrame = () => undefined;
    const client = openClient(sim, session, { greetingTimeoutMs: 100 });
    client.subscribe("spl");
    await sim.waitFor(({ accepted }) => accepted >= 3);
    expect(sim.stats().commands).toEqual([]);
  });
});

describe("a consumer that is slow", () => {
  it("hears of what our buffer dropped, and gets the state again", async () => {
    const sim = await startVenue({ market: { auto: false } });
    const client = openClient(sim, openSession(sim), {
      config: { ...QUICK, buffer: { maxFrames: 20 } },
    });
    const quotes = client.subscribe("smd+265598", { fields: ["bid", "ask", "symbol"] });
    await until(quotes.state, live);
    // More than the buffer holds, in one go of this process.
    sim.faults.burst(5_000);
    const events = await readUntil(
      quotes,
      ({ gaps, data }) => gaps > 0 && data.symbol !== undefined,
    );
    expect(quotes.gaps[0]).toMatchObject({ reason: "lagged" });
    expect(client.connections[0]!.lifecycle.snapshot.totalLagged).toBeGreaterThan(0);
    // What was known before the loss is not mixed with what came after it.
    expect(events.find(({ gaps }) => gaps > 0)?.data.symbol).toBeUndefined();
    expect(events.at(-1)?.data.bid).toBe(sim.market.quote(265_598)["84"]);
    expect(sim.stats().accepted).toBe(1);
  });

  it("of one topic loses the oldest, or gets the latest, as it wants, and holds up no other topic", async () => {
    const sim = await startVenue();
    const client = openClient(sim, openSession(sim));
    const latest = client.subscribe("smd+265598", { policy: { kind: "latest" } });
    const few = client.subscribe("smd+265598", { policy: { kind: "reliable", maxEvents: 5 } });
    const all = client.subscribe("smd+265598");
    await readUntil(all, (_, events) => events.length === 50);
    expect((await readUntil(latest, () => true))[0]?.seq).toBeGreaterThan(1);
    await readUntil(few, (_, events) => events.length === 5);
    expect(few.gaps).toMatchObject([{ reason: "overflow", fromSeq: 1 }]);
  });
});

describe("executions", () => {
  it("come once, and again when more is known of them, however often the venue repeats them", async () => {
    const sim = await startVenue({ wire: { tradeRepeatMs: 5, tradeRepeats: 50 } });
    const client = openClient(sim, openSession(sim));
    const trades = client.subscribe("str");
    await until(trades.state, live);
    const { orderId } = sim.account.placeOrder({
      conid: 265_598,
      side: "BUY",
      quantity: 10,
      price: 100,
    });
    const { execution_id } = sim.account.fillOrder(orderId, { quantity: 4 });
    await readUntil(trades, () => true);
    const sent = sim.stats().framesSent;
    await sim.waitFor(({ framesSent }) => framesSent > sent + 20);
    sim.account.setCommission(execution_id, "0.35");
    const [update] = await readUntil(trades, () => true);
    expect(update?.data).toMatchObject({
      added: [],
      updated: [{ execution_id, size: 4, commission: "0.35" }],
    });
    // What was traded in an outage comes with the history, and what is known already does not come
    // again.
    sim.faults.refuse({ status: 503, count: 3 });
    sim.faults.dropConnections();
    const missed = sim.account.fillOrder(orderId);
    const events = await readUntil(trades, ({ data }) => data.added.length > 0);
    expect(events.map(({ data }) => data.added.map((trade) => trade.execution_id))).toEqual([
      [missed.execution_id],
    ]);
    expect(trades.gaps).toMatchObject([{ reason: "reconnect" }]);
  });
});

describe("topics and options", () => {
  it("that cannot work are refused before anything is dialled", async () => {
    const sim = await startVenue();
    const session = openSession(sim);
    const client = openClient(sim, session);
    for (const name of [
      "",
      "smd",
      "smd+x",
      "smd+1+2",
      "xyz",
      "sbd+U1",
      "ssd",
      "sor+1",
      "smd+265598@",
    ]) {
      expect(() => client.subscribe(name)).toThrowError(
        expect.objectContaining({ code: "TOPIC_INVALID" }),
      );
    }
    const history = { period: "2h", bar: "5min" };
    for (const [name, options, message] of [
      ["smd+1", { fields: ["nonsense"] }, /nonsense/],
      ["smd+1", { fields: [] }, /fields/],
      ["smd+1", { days: 1 }, /days: belongs to str/],
      ["smd+1", { staleAfterMs: -1 }, /staleAfterMs/],
      ["smd+1", { stale: 1 }, /stale: is not an option/],
      ["str", { days: 8 }, /days/],
      ["smh+1", {}, /history: is required/],
      ["smh+1", { history: { ...history, period: "31min" } }, /history\.period/],
      ["smh+1", { history: { ...history, bar: "7min" } }, /history\.bar/],
      ["smh+1", { history: { ...history, source: "x" } }, /history\.source/],
      ["smh+1", { history: { ...history, more: 1 } }, /history\.more/],
    ] as const) {
      expect(() => client.subscribe(name, options as object)).toThrowError(message);
    }
    expect(() =>
      client.orderStream({ reconcileTimeoutMs: 0, maxUpdate: 1 } as object),
    ).toThrowError(/maxUpdate:.*reconcileTimeoutMs/s);
    expect(() =>
      openClient(sim, session, { url: "http://x", maxLines: 0, maxLine: 1 } as object),
    ).toThrowError(/maxLine:.*maxLines.*url/s);
    expect(() => openClient(sim, session, { pulse: { staleAfterMs: 40_000 } })).toThrowError(
      /pulse\.deadAfterMs/,
    );
    expect(() => openClient(sim, session, { lines: { renewAfterMs: 700_000 } })).toThrowError(
      /lines\.renewAfterMs/,
    );
    expect(() => openClient(sim, session, { config: { backoff: { minMs: -1 } } })).toThrowError(
      /backoff\.minMs/,
    );
    expect(() =>
      openSession(sim, { restUrl: "ftp://x", compete: 1, penaltyMs: 0, tickle: 1 } as object),
    ).toThrowError(/tickle:.*penaltyMs.*restUrl.*compete/s);
    expect(() => openSession(sim, { auth: { kind: "oauth1" } as never })).toThrowError(
      /auth\.accessToken/,
    );
    expect(() =>
      openSession(sim, { pacing: { paths: { "/x": { max: 1 } as never } } }),
    ).toThrowError(/windowMs: is required/);
    expect(client.connections).toEqual([]);
    expect(client.topics).toEqual([]);
    await client.shutdown();
    expect(() => client.subscribe("sor")).toThrowError(
      expect.objectContaining({ code: "SHUT_DOWN" }),
    );
    expect(sim.stats()).toMatchObject({ accepted: 0, requests: [] });
  });

  it("that contradict what is held are refused", async () => {
    const sim = await startVenue();
    const client = openClient(sim, openSession(sim), { maxHistories: 2 });
    const history = { period: "2h", bar: "5min" };
    client.subscribe("smh+1", { history });
    client.subscribe("smh+1", { history });
    expect(() => client.subscribe("smh+1", { history: { ...history, bar: "1h" } })).toThrowError(
      expect.objectContaining({ code: "TOPIC_CONFLICT" }),
    );
    client.subscribe("smh+2", { history });
    expect(() => client.subscribe("smh+3", { history })).toThrowError(
      expect.objectContaining({ code: "HISTORIES_EXHAUSTED" }),
    );
    client.subscribe("sbd+U00000000+1+NYSE");
    expect(() => client.subscribe("sbd+U00000000+2+NYSE")).toThrowError(
      expect.objectContaining({ code: "TOPIC_CONFLICT" }),
    );
  });
});
