import { afterEach, expect, it } from "vitest";
import { Output } from "../../src/output.js";
import { MarketSession } from "../../src/market/market-session.js";
import { prepareVenue } from "../../src/venue-tail.js";
import { startDash } from "../../src/dash/start-dash.js";
import { parseListenAddress } from "../../src/local/listen-address.js";
import { builtPage } from "../support/built-page.js";
import { addressOf, PageClient } from "../support/page-client.js";

builtPage();

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

class Silence extends Output {
  override show(): Promise<void> {
    return Promise.resolve();
  }
}

it.each([
  ["binance", "BTCUSDT"],
  ["coinbase", "BTC-USD"],
] as const)(
  "of %s: topics, trades, books and gaps reach the page, and every button works",
  async (venue, symbol) => {
    const prepared = await prepareVenue({
      venue,
      sim: true,
      url: undefined,
      keyFile: undefined,
      encoding: undefined,
      names: [`trades:${symbol}`, `book:${symbol}`],
    });
    ended.push(() => prepared.close());
    const { simulator } = prepared;
    const dash = await startDash({
      address: parseListenAddress("127.0.0.1:0", "--listen"),
      simulators: simulator === undefined ? [] : [simulator],
      onAddress: () => undefined,
    });
    ended.unshift(() => dash.close());
    const stop = new AbortController();
    const session = new MarketSession({
      open: prepared.open,
      output: new Silence(process.stdout, false),
      signal: stop.signal,
    });
    const running = session.run();
    ended.unshift(async () => {
      stop.abort();
      await running;
    });
    const { base, code } = addressOf(dash.url);
    const page = new PageClient(base);
    const { token = "", simulators } = await page.hello(code);
    const live = await page.tick(
      ({ topics }) => topics.matching === 4 && topics.byPhase.live === 4,
    );
    expect(live.topics.rows.map(({ kind }) => kind).toSorted()).toEqual([
      "book",
      "topic",
      "topic",
      "trades",
    ]);
    const keyOf = (kind: string): number =>
      live.topics.rows.find((row) => row.kind === kind)?.key ?? 0;
    const watch = { type: "watch", connection: undefined, filter: "", from: 0 } as const;
    await page.say({ ...watch, topic: keyOf("book") });
    const { topic: book } = await page.tick(({ topic }) => topic?.book !== undefined);
    expect(book?.row).toMatchObject({ kind: "book", name: symbol, phase: "live" });
    const [bid, ask] = [book?.book?.bids[0]?.[0], book?.book?.asks[0]?.[0]];
    expect(Number(bid)).toBeLessThan(Number(ask));
    await page.say({ ...watch, topic: keyOf("trades") });
    const { topic: trades } = await page.tick(({ topic }) => (topic?.trades?.length ?? 0) > 1);
    const [newest, before] = trades?.trades ?? [];
    expect(Number(newest?.id)).toBeGreaterThan(Number(before?.id));
    // The reset is a gap of the topic, which the page shows with its reason.
    await page.say({ type: "fault", token, simulator: 0, fault: "reset" });
    expect(await page.answer()).toContain("it hit 1 connections");
    const { topic } = await page.tick((tick) => (tick.topic?.gaps.length ?? 0) > 0);
    expect(topic?.gaps[0]).toMatchObject({ reason: "reconnect", epoch: 2 });
    // A filter that nothing matches shows nothing, and changes no total.
    await page.say({ ...watch, topic: undefined, filter: "nothing" });
    const { topics } = await page.tick((tick) => tick.topics.matching === 0);
    expect(topics.rows).toEqual([]);
    for (const { id } of simulators[0]?.faults ?? []) {
      await page.say({ type: "fault", token, simulator: 0, fault: id });
      expect(await page.answer()).toContain(`Done: ${id}`);
    }
  },
);
