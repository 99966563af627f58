import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { here } from "./support/run-here.js";
import { run } from "./support/run-cli.js";

const VENUE = ["tail", "--venue", "binance"] as const;
const RELAY = ["relay", "--venue", "binance", "--nats", "nats://127.0.0.1:1"] as const;
const COINBASE = ["tail", "--venue", "coinbase"] as const;

const KEYS = mkdtempSync(join(tmpdir(), "oath-ws-keys-"));
/** Files that are no keys; what is in them must not be shown. */
const KEY = {
  text: keyFile("text", "secret"),
  list: keyFile("list", '["secret"]'),
  nameless: keyFile("nameless", '{"privateKey":"secret"}'),
  bad: keyFile("bad", '{"name":"organizations/o/apiKeys/k","privateKey":"secret"}'),
};

function keyFile(name: string, contents: string): string {
  writeFileSync(join(KEYS, name), contents);
  return join(KEYS, name);
}

afterAll(() => rmSync(KEYS, { recursive: true }));

it("the process ends with the code of its command", async () => {
  const unknown = { code: 2, out: "", err: expect.stringMatching(/^oath-ws: unknown/) as string };
  expect(await run("frobnicate")).toEqual(unknown);
  const refused = { code: 1, out: "", err: expect.stringMatching(/ECONNREFUSED/) as string };
  expect(await run("tail", "ws://127.0.0.1:1")).toEqual(refused);
});

describe("help", () => {
  const verbs = [
    "dash",
    "demo",
    "probe",
    "record",
    "relay",
    "replay",
    "sim",
    "soak",
    "tail",
    "verify",
  ];

  it.each(verbs)("%s --help shows examples and exit codes within 100 columns", async (verb) => {
    const { code, out, err } = await here(verb, "--help");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain(`oath-ws ${verb}`);
    expect(out).toMatch(/^Examples:\n {2}oath-ws /m);
    expect(out).toMatch(/^Exit codes: 0 .*1 /ms);
    expect(out.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });

  it("names every verb and the exit codes", async () => {
    const { code, out } = await here("--help");
    expect(code).toBe(0);
    for (const verb of verbs) expect(out).toContain(`  oath-ws ${verb} `);
    expect(out).toMatch(/^Exit codes of every verb: 0 /m);
  });

  it("tells the version, and nothing else", async () => {
    expect(await here("--version")).toMatchObject({ code: 0, err: "" });
    expect((await here("-v")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("bad input gets one line and a non-zero exit code", () => {
  it.each([
    [[], 2, /no command/],
    [["frobnicate"], 2, /unknown command "frobnicate"/],
    [["constructor"], 2, /unknown command "constructor"/],
    [["__proto__"], 2, /unknown command "__proto__"/],
    [["toString"], 2, /unknown command "toString"/],
    [["frob\u001b[2Jnicate"], 2, /unknown command "frob\\x1b\[2Jnicate"/],
    [["tail"], 2, /usage: oath-ws tail/],
    [["tail", "ws://127.0.0.1:1", "--nope"], 2, /Unknown option '--nope'/],
    [["tail", "ws://127.0.0.1:1", "--for", "soon"], 2, /--for takes a duration/],
    [["tail", "ws://127.0.0.1:1", "--header", "secret"], 2, /--header takes NAME:VALUE/],
    [
      ["tail", "ws://127.0.0.1:1", "--sim"],
      2,
      /--sim, --url, --key and --encoding go with --venue/,
    ],
    [["tail", "http://127.0.0.1:1"], 2, /scheme is "http:"/],
    [["tail", "ws://127.0.0.1:1", "--metrics", "9464"], 2, /--metrics takes HOST:PORT/],
    [["tail", "ws://127.0.0.1:1", "--metrics", "127.0.0.1:70000"], 2, /--metrics takes HOST:PORT/],
    [["tail", "ws://127.0.0.1:1", "--metrics", "0.0.0.0:0"], 2, /needs --metrics-token FILE/],
    [["tail", "ws://127.0.0.1:1", "--metrics-token", KEY.text], 2, /goes with --metrics/],
    [
      ["tail", "ws://127.0.0.1:1", "--metrics", "0.0.0.0:0", "--metrics-token", KEY.text],
      2,
      /must hold one word of at least 16 characters/,
    ],
    [["tail", "ws://127.0.0.1:1"], 1, /ECONNREFUSED/],
    [["tail", "ws://127.0.0.1:1", "--name", "x"], 2, /--name goes with --relay/],
    [["tail", "--relay", "nats://127.0.0.1:1"], 1, /RELAY_UNREACHABLE/],
    [["tail", "--relay", "nats://u:secret@127.0.0.1:1"], 2, /nats.url: must be nats:/],
    [["tail", "--relay", "nats://127.0.0.1:1", "--venue", "binance"], 2, /together with --sim/],
    [["tail", "--relay", "nats://127.0.0.1:1", "--send", "x"], 2, /--relay goes with --name/],
    [["tail", "--relay", "nats://127.0.0.1:1", "--nats-cert", "x"], 2, /goes with tlsKeyFile/],
    [["relay", ...VENUE.slice(1), "btcusdt@trade"], 2, /usage: oath-ws relay/],
    [["relay", "ws://127.0.0.1:1", "--nats", "nats://127.0.0.1:1"], 2, /usage: oath-ws relay/],
    [[...RELAY, "btcusdt@trade", "--replicas", "9"], 2, /--replicas takes a number from 1 to 5/],
    [[...RELAY, "btcusdt@trade", "--name", "a.b"], 2, /shard: must be 1 to 64 letters/],
    [[...RELAY, "trades:BTCUSDT", "--sim"], 2, /cannot be relayed/],
    [[...RELAY, "btcusdt@trade", "--sim"], 1, /RELAY_UNREACHABLE/],
    [
      ["tail", "--venue", "kraken", "btcusdt@trade"],
      2,
      /unknown venue "kraken" \(known: binance, coinbase, ibkr\)/,
    ],
    [[...VENUE], 2, /no stream/],
    [[...VENUE, " , "], 2, /no stream/],
    [
      [...VENUE, "btcusdt@trade,btcusdt@trad"],
      2,
      /"btcusdt@trad" names no stream of the venue \(TOPIC_INVALID\)/,
    ],
    [[...VENUE, "btcusdt@trade", "--send", "secret"], 2, /--send and --header go with a URL/],
    [[...VENUE, "btcusdt@trade", "--sim", "--url", "ws://127.0.0.1:1"], 2, /exclude each other/],
    [[...VENUE, "btcusdt@trade", "--url", "http://127.0.0.1:1"], 2, /url: must be ws:/],
    [[...VENUE, "btcusdt@trade", "--url", "ws://127.0.0.1:1"], 1, /ECONNREFUSED/],
    [
      ["tail", "ws://127.0.0.1:1", "--key", "secret"],
      2,
      /--sim, --url, --key and --encoding go with --venue/,
    ],
    [
      [...VENUE, "btcusdt@trade", "--encoding", "sbe"],
      2,
      /streams in SBE need --key FILE with an API key, or --sim/,
    ],
    [
      [...VENUE, "btcusdt@kline_1m", "--encoding", "sbe", "--sim"],
      2,
      /"btcusdt@kline_1m" does not exist over SBE/,
    ],
    [[...VENUE, "btcusdt@trade", "--encoding", "fix"], 2, /binance has no --encoding fix/],
    [["tail", "--venue", "constructor", "x"], 2, /unknown venue "constructor"/],
    [[...VENUE, "btcusdt@trade", "--key", "secret"], 2, /no stream of binance takes a --key/],
    [[...COINBASE], 2, /no stream; name some, such as ticker:BTC-USD/],
    [
      [...COINBASE, "ticker:BTC-USD,fills:BTC-USD"],
      2,
      /"fills:BTC-USD": the topic is of no channel \(known: heartbeats, .*\) \(TOPIC_INVALID\)/,
    ],
    [[...COINBASE, "ticker"], 2, /"ticker": the topic needs a product id such as BTC-USD/],
    [[...COINBASE, "level2:BTC/USD"], 2, /needs a product id/],
    [[...COINBASE, "heartbeats:BTC-USD"], 2, /heartbeats have none/],
    [["tail", "--venue", "ibkr"], 2, /no stream; name some, such as smd\+265598,sor/],
    [
      ["tail", "--venue", "ibkr", "smd"],
      2,
      /"smd": the topic has the form smd\+265598 \(TOPIC_INVALID\)/,
    ],
    [["tail", "--venue", "ibkr", "sor", "--url", "http://127.0.0.1:1"], 2, /scheme is "http:"/],
    [["tail", "--venue", "ibkr", "sor", "--key", "secret"], 2, /no stream of ibkr takes a --key/],
    [[...COINBASE, "user"], 2, /the stream user needs --key FILE, or --sim/],
    [[...COINBASE, "user", "--sim", "--key", KEY.bad], 2, /--sim has a key of its own/],
    [[...COINBASE, "user", "--key", join(KEYS, "none")], 2, /--key: ENOENT/],
    [[...COINBASE, "user", "--key", KEYS], 2, /--key: EISDIR/],
    [[...COINBASE, "user", "--key", KEY.text], 2, /--key: .*is no JSON/],
    [[...COINBASE, "user", "--key", KEY.list], 2, /--key: .*is no JSON object|keyFile/],
    [[...COINBASE, "user", "--key", KEY.nameless], 2, /--key: .*keyFile\.name: must be a text/],
    [
      [...COINBASE, "ticker:BTC-USD", "--key", KEY.bad],
      2,
      /--key: .*cannot be read as a private key/,
    ],
    [[...COINBASE, "ticker:BTC-USD", "--url", "ws://127.0.0.1:1"], 1, /ECONNREFUSED/],
    [["demo", "--for", "-3s"], 2, /--for/],
    [["demo", "--listen", "9465"], 2, /--listen takes HOST:PORT/],
    [["dash", "--listen", "127.0.0.1"], 2, /--listen takes HOST:PORT/],
    [["dash", "ws://127.0.0.1:1", "--listen", "127.0.0.1:70000"], 2, /--listen takes HOST:PORT/],
    [["dash", "--json"], 2, /Unknown option '--json'/],
    [["dash", "ws://127.0.0.1:1", "--sim"], 2, /go with --venue/],
    [["dash", "--venue", "constructor", "x"], 2, /unknown venue "constructor"/],
  ] as const)("%j", async (args, code, message) => {
    const result = await here(...args);
    expect(result).toMatchObject({ code, out: "" });
    expect(result.err).toMatch(message);
    expect(result.err.trim().split("\n")).toHaveLength(1);
    expect(result.err).not.toContain("secret");
  });
});
