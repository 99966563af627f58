import { startIbkrSim } from "@oath-ws/sim";
import { describe, expect, it } from "vitest";
import { endAfter, records, run, start } from "./support/run-cli.js";

const TAIL = ["tail", "--venue", "ibkr"] as const;

const QUICK = {
  market: { stepMs: 10 },
  wire: { heartbeatMs: 100, snapshotDelayMs: 10, pnlMs: 50, summaryMs: 50 },
} as const;

/** A stream of every kind, and what its line looks like. */
const LINES: Readonly<Record<string, RegExp>> = {
  "smd+265598": /^last [\d.]+ {2}bid [\d.]+ @ [\d.]+ {2}ask [\d.]+ @ [\d.]+/,
  "smh+265598": /^AAPL \d+ bars?, newest open [\d.]+ high [\d.]+ low [\d.]+ close [\d.]+/,
  "sbd+U00000000+265598+NASDAQ": /^\d+ rows of the ladder/,
  spl: /^U00000000\.Core day [-\d.]+ unrealised [-\d.]+ net [\d.]+/,
  "ssd+U00000000": /^\d rows: AccruedCash-S 0 USD; .* and \d more/,
  "sld+U00000000": /^2 rows: LedgerListBASE [\d.]+/,
  act: /^1 account, selected U00000000/,
  sts: /^authenticated true, competing false/,
  system: /^greets BASELINE_USER/,
};

function escaped(name: string): string {
  return name.replaceAll("+", "\\+");
}

describe("tail of ibkr", () => {
  it("shows every topic and the account's orders, and sums up on SIGINT", async () => {
    await using sim = await startIbkrSim(QUICK);
    const { seen, interrupt, ended } = start(
      ...TAIL,
      ...Object.keys(LINES),
      "sor",
      "str",
      "ntf",
      "blt",
      "orders",
      "--url",
      sim.wsUrl,
    );
    for (const [name, line] of Object.entries(LINES))
      await seen(new RegExp(` ${escaped(name)} ${line.source.slice(1)}`));
    await seen(/ sor 0 orders \(start\) /);
    const { orderId } = sim.account.placeOrder({
      conid: 265_598,
      side: "BUY",
      quantity: 10,
      price: 100,
    });
    // By the topic, and by the stream that was compared with REST.
    const submitted = ` sor ${orderId} BUY AAPL @ 100.00 Submitted 0 of 10 filled `;
    await seen(new RegExp(`${submitted}[^]*${submitted}`));
    const { execution_id } = sim.account.fillOrder(orderId);
    await seen(new RegExp(` str buy 10 AAPL @ 100.00 ${execution_id}`));
    sim.account.setCommission(execution_id, "0.35");
    await seen(
      new RegExp(` str buy 10 AAPL @ 100.00 commission 0.35 ${execution_id} \\(more known\\)`),
    );
    sim.notify({ id: "N", title: "t", text: "x" });
    sim.bulletin("tomorrow");
    await seen(/ ntf N t x /);
    await seen(/ blt .*tomorrow /);
    interrupt();
    const { code, out, err } = await ended;
    expect([code, err]).toEqual([0, ""]);
    expect(out).not.toContain(sim.session.id);
    expect(out.trim().split("\n").at(-1)).toMatch(
      /^summary: events \d+, gaps 0, discarded 0; connections 1, epochs 1,.* unreadable 0$/,
    );
    expect(sim.stats()).toMatchObject({ pacingViolations: 0, unknownTopics: 0 });
  });

  it("tells of a break, and of a session that another platform takes, for machines", async () => {
    await using sim = await startIbkrSim(QUICK);
    const { seen, interrupt, ended } = start(
      ...TAIL,
      "smd+265598,spl",
      "--url",
      sim.wsUrl,
      "--json",
    );
    await seen(/"topic":"smd\+265598".*"epoch":1,"seq":5,/);
    sim.faults.dropConnections();
    await seen(/"type":"gap","topic":"smd\+265598".*"reason":"reconnect"/);
    await seen(/"type":"gap","topic":"spl".*"reason":"reconnect"/);
    sim.faults.compete();
    await seen(/"type":"topic","topic":"smd\+265598","phase":"recovering".*SESSION_COMPETING/);
    interrupt();
    const { code, out, err } = await ended;
    expect([code, err]).toEqual([0, ""]);
    const lines = records(out);
    expect(lines.at(-1)).toMatchObject({
      type: "summary",
      gaps: 2,
      epochs: 2,
      connections: 1,
      unreadable: 0,
    });
    // What needs no brokerage session goes on.
    expect(
      lines.filter(
        ({ type, topic, phase }) => type === "topic" && topic === "spl" && phase === "recovering",
      ),
    ).toHaveLength(1);
  });

  it("needs no network with --sim", async () => {
    const { code, out, err } = await endAfter(
      start(...TAIL, "--sim", "smd+265598 smd+265598"),
      /-- smd\+265598 live: epoch 1/,
      / smd\+265598 last [\d.]+ {2}bid /,
    );
    expect([code, err]).toEqual([0, ""]);
    expect(out.trim().split("\n").at(-1)).toMatch(/^summary: .* unreadable 0$/);
  });

  it("says that the user has to log in, and fails", async () => {
    await using sim = await startIbkrSim({ session: { loggedIn: false } });
    const { code, err } = await run(...TAIL, "smd+265598", "--url", sim.wsUrl);
    expect(code).toBe(1);
    expect(err).toMatch(/log in at the gateway.*LOGIN_REQUIRED/);
  });
});
