import { isWsError } from "@oath-ws/contract";
import { createWorld } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { campaign, FUZZ_TIMEOUT_MS } from "../../../node/test/hostile/support/campaign.js";
import { grammarTarget } from "../../../venue-kit/test/support/grammar-campaign.js";
import { RetryPause } from "@oath-ws/venue-kit";
import type { Grammar } from "@oath-ws/venue-kit";
import { tradeMemory } from "../../src/feed/account.js";
import { IbkrConnection } from "../../src/feed/ibkr-connection.js";
import { LINES } from "../../src/feed/market-lines.js";
import { QuietWindow } from "../../src/feed/quiet-window.js";
import { parseTopicName } from "../../src/feed/topic-name.js";
import { TopicRequests } from "../../src/feed/topic-requests.js";
import { SessionKeeper } from "../../src/session/session-keeper.js";

const FRAMES = [
  { message: "waiting for session" },
  { topic: "system", success: "USER", isFT: false, isPaper: false },
  { topic: "system", hb: 1_777_415_611_502 },
  { topic: "act", args: { accounts: ["U1"], selectedAccount: "U1", sessionId: "s" } },
  { topic: "sts", args: { authenticated: true, competing: false } },
  { topic: "sts", args: { authenticated: false } },
  { topic: "tic", alive: true, id: "s", lastAccessed: 1 },
  { topic: "smd+1", _updated: 1 },
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

/** The language of a connection that is up and has asked for one topic of each kind. */
function speaking(): Grammar {
  const { timer, random } = createWorld();
  const session = new SessionKeeper({
    runtime: { timer, random, fetch: () => new Promise(() => undefined) },
  });
  session.firstFrame = () => '{"session":"s"}';
  const say = (text: unknown): void => expect(text).toMatch(/^(smd|umh|str|ssd|sld|tic|\{)/);
  const ignore = (): void => undefined;
  const query = (): Promise<unknown> => Promise.reject(new TypeError("nothing is asked"));
  const requests = new TopicRequests(() => ["smd+1", "smd+2@SMART"]);
  for (const name of ["smd+1", "smd+2@SMART"])
    requests.add(parseTopicName(name), { fields: ["31"] }, { lines: 9, histories: 9 });
  const connection = { epoch: 1, isOpen: true, say, query, giveUp: ignore, resync: ignore };
  const parts = {
    runtime: { timer, random },
    session,
    requests,
    quiet: new QuietWindow(timer, 2_000),
    trades: tradeMemory(),
    confirmPause: new RetryPause(timer, random),
    lines: LINES,
    ticEveryMs: 55_000,
    greetingTimeoutMs: 1_000,
    fault: (error: unknown) => expect(isWsError(error)).toBe(true),
  };
  const { grammar } = new IbkrConnection(connection, parts, 0);
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
    grammar.encode({ id, kind: "subscribe", topics: [topic] });
  return grammar;
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
      "beat",
      "nothing",
      "unreadable FRAME_UNKNOWN",
      "unreadable FRAME_INVALID",
    ];
    expect([...outcomes]).toEqual(expect.arrayContaining(expected));
  },
  FUZZ_TIMEOUT_MS,
);
