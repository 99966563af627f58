import { isWsError } from "@oath-ws/contract";
import { createWorld } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { campaign, FUZZ_TIMEOUT_MS } from "../../../node/test/hostile/support/campaign.js";
import { grammarTarget } from "../../../venue-kit/test/support/grammar-campaign.js";
import { BrokerageLogin } from "../../src/feed/brokerage-login.js";
import { Dialect } from "../../src/feed/dialect.js";
import { Greeting } from "../../src/feed/greeting.js";
import { LINES, MarketLines } from "../../src/feed/market-lines.js";
import { PULSE, Pulse } from "../../src/feed/pulse.js";
import { QuietWindow } from "../../src/feed/quiet-window.js";
import { SessionBinding } from "../../src/feed/session-binding.js";
import { SessionKeeper } from "../../src/session/session-keeper.js";

const FRAMES = [
  { message: "waiting for session" },
  { topic: "system", success: "USER", isFT: false, isPaper: false },
  { topic: "system", hb: 1_777_415_611_502 },
  { topic: "act", args: { accounts: ["U1"], selectedAccount: "U1", sessionId: "s" } },
  { topic: "sts", args: { authenticated: true, competing: false } },
  { topic: "sts", args: { authenticated: false } },
  { topic: "tic", alive: true, id: "s", lastAccessed: 1 },
  { topic: "ntf", args: { id: "N", text: "t" } },
  { topic: "ntf", args: [{ id: "N" }] },
  { topic: "blt", args: { id: "", message: "" } },
  { error: "Topic unknown x", code: 1 },
  { topic: "error", error: "x" },
  { message: "Unsubscribed 1234" },
  { result: "unsubscribed from ledger" },
  {
    server_id: "q1",
    conidEx: "1",
    conid: 1,
    _updated: 1,
    "6119": "q1",
    "31": "C1",
    "84": "1",
    "83": 0.5,
    topic: "smd+1",
  },
  { conidEx: "2@SMART", conid: 2, _updated: 1, "31": "1", topic: "smd+2" },
  { serverId: "1001", symbol: "S", data: [{ t: 1, o: 1, c: 1, h: 1, l: 1, v: 1 }], topic: "smh+1" },
  { topic: "sor", args: [{ acct: "U1", orderId: 1, status: "Submitted", filledQuantity: 0 }] },
  { topic: "str", args: [{ execution_id: "e1", commission: "1" }] },
  { topic: "spl", args: { "U1.Core": { upl: 1 } } },
  { topic: "ssd+U1", result: [{ key: "K", monetaryValue: 1 }] },
  { result: [{ key: "K", monetaryValue: 1 }] },
  { result: [{ key: "LedgerListUSD", acctCode: "U1", cashbalance: 1 }] },
  { topic: "sbd+U1", data: [{ price: "1" }] },
];

/** A dialect whose connection is up and which has asked for one topic of each kind. */
function speaking(): Dialect {
  const { timer, random } = createWorld();
  const session = new SessionKeeper({
    runtime: { timer, random, fetch: () => new Promise(() => undefined) },
  });
  const say = (text: string): void => expect(text).toMatch(/^(smd|umh|str|ssd|sld|tic|\{)/);
  const ignore = (): void => undefined;
  const lines = new MarketLines({ timer, random, options: LINES, say, expired: ignore });
  for (const topic of ["smd+1", "smd+2@SMART"]) lines.want(topic, ["31"]);
  const dialect = new Dialect({
    lines,
    login: new BrokerageLogin(session, ignore),
    greeting: new Greeting({
      timer,
      timeoutMs: 1_000,
      firstFrame: () => '{"session":"s"}',
      say,
      giveUp: ignore,
    }),
    pulse: new Pulse({
      timer,
      elapsed: timer,
      options: PULSE,
      say,
      stale: ignore,
      revived: ignore,
      dead: ignore,
    }),
    binding: new SessionBinding({ timer, random, session, giveUp: ignore }),
    quiet: new QuietWindow(timer, 2_000),
    epoch: () => 1,
    say,
    missed: ignore,
    fault: (error) => {
      expect(isWsError(error)).toBe(true);
    },
  });
  const topics = [
    "smd+1",
    "smd+2@SMART",
    "smh+1",
    "sbd+U1+1+X",
    "sor",
    "str",
    "spl",
    "ssd+U1",
    "sld+U1",
  ];
  for (const [id, topic] of topics.entries())
    dialect.encode({ id, kind: "subscribe", topics: [topic] });
  return dialect;
}

it(
  "the venue's language makes events, answers or typed errors of any frames",
  async () => {
    const target = grammarTarget({
      modules: /venue-ibkr\/src\/(feed|market)/,
      make: speaking,
      frames: FRAMES,
      keys: [
        "topic",
        "args",
        "conid",
        "conidEx",
        "serverId",
        "data",
        "result",
        "orderId",
        "execution_id",
        "error",
        "success",
        "hb",
      ],
    });
    const { outcomes } = await campaign(target, { runs: 480, seed: 20_261_126 });
    const expected = [
      "event",
      "confirmed",
      "nothing",
      "unreadable FRAME_UNKNOWN",
      "unreadable FRAME_INVALID",
    ];
    expect([...outcomes]).toEqual(expect.arrayContaining(expected));
  },
  FUZZ_TIMEOUT_MS,
);
