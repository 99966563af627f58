import { describe, expect, it } from "vitest";
import { run } from "./support/run-cli.js";

const VENUE = ["tail", "--venue", "binance"] as const;

describe("bad input gets one line and a non-zero exit code", () => {
  it.each([
    [[], 2, /no command/],
    [["frobnicate"], 2, /unknown command "frobnicate"/],
    [["frob\u001b[2Jnicate"], 2, /unknown command "frob\\x1b\[2Jnicate"/],
    [["tail"], 2, /usage: oath-ws tail/],
    [["tail", "ws://127.0.0.1:1", "--nope"], 2, /Unknown option '--nope'/],
    [["tail", "ws://127.0.0.1:1", "--for", "soon"], 2, /--for takes a duration/],
    [["tail", "ws://127.0.0.1:1", "--header", "secret"], 2, /--header takes NAME:VALUE/],
    [["tail", "ws://127.0.0.1:1", "--sim"], 2, /--sim and --url go with --venue/],
    [["tail", "http://127.0.0.1:1"], 2, /scheme is "http:"/],
    [["tail", "ws://127.0.0.1:1"], 1, /ECONNREFUSED/],
    [["tail", "--venue", "kraken", "btcusdt@trade"], 2, /unknown venue "kraken" \(known: binance\)/],
    [[...VENUE], 2, /no stream/],
    [[...VENUE, " , "], 2, /no stream/],
    [[...VENUE, "btcusdt@trade,btcusdt@trad"], 2, /"btcusdt@trad" names no stream of the venue \(TOPIC_INVALID\)/],
    [[...VENUE, "btcusdt@trade", "--send", "secret"], 2, /--send and --header go with a URL/],
    [[...VENUE, "btcusdt@trade", "--sim", "--url", "ws://127.0.0.1:1"], 2, /exclude each other/],
    [[...VENUE, "btcusdt@trade", "--url", "http://127.0.0.1:1"], 2, /scheme is "http:"/],
    [[...VENUE, "btcusdt@trade", "--url", "ws://127.0.0.1:1"], 1, /ECONNREFUSED/],
    [["demo", "--for", "-3s"], 2, /--for/],
  ] as const)("%j", async (args, code, message) => {
    const result = await run(...args);
    expect(result).toMatchObject({ code, out: "" });
    expect(result.err).toMatch(message);
    expect(result.err.trim().split("\n")).toHaveLength(1);
    expect(result.err).not.toContain("secret");
  });
});
