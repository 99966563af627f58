import type { ConfigIssue } from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";
import {
  baseUrl,
  callback,
  checkOptions,
  choice,
  count,
  duration,
  each,
  flag,
  group,
  must,
  number,
  objectWith,
  optionIssues,
  required,
  rising,
  runtimeWith,
  settingsOver,
  socketUrl,
  text,
  unchecked,
} from "@oath-ws/venue-kit";
import type { OptionRule } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";

const act = (): void => undefined;
const PULSE = { staleMs: 10, deadMs: 20 };
const pulse = group({ staleMs: duration, deadMs: duration }, rising("staleMs", "deadMs", PULSE));
const settings = settingsOver({ connect: { timeoutMs: 5_000 } });

const paths = (issues: readonly ConfigIssue[]): string[] => issues.map(({ path }) => path);

type Case = readonly [name: string, rule: OptionRule, good: unknown, bad: unknown, path?: string];

const CASES: readonly Case[] = [
  ["flag", flag, false, 0],
  ["callback", callback, act, {}],
  ["text", text, "a", ""],
  ["number", number({ min: 0, max: 5 }), 5, 6],
  ["count", count, 1, 1.5],
  ["duration", duration, 0.5 + 1, 0],
  ["choice", choice("a", "b"), "b", "c"],
  ["must", must((value) => value === 7, "must be 7"), 7, 8],
  ["objectWith", objectWith("go"), { go: act }, { go: 1 }, "it.go"],
  ["objectWith what is no object", objectWith("go"), undefined, null],
  ["group", pulse, { staleMs: 1 }, { staleMs: 0 }, "it.staleMs"],
  ["group with another name", pulse, {}, { stale: 1 }, "it.stale"],
  ["group that is none", pulse, undefined, [1]],
  ["rising, by a default", pulse, { staleMs: 19 }, { staleMs: 20 }, "it.deadMs"],
  ["each", each(pulse), { a: {} }, { a: {}, b: 7 }, 'it["b"]'],
  ["socketUrl", socketUrl, "wss://a/b?c", "https://a"],
  ["baseUrl", baseUrl("http"), "https://a:1/", "https://a/b"],
  ["baseUrl of sockets", baseUrl("ws"), "ws://a", "http://a"],
  ["baseUrl with a path", baseUrl("http", true), "http://a/b/c", "http://a/b?c"],
  ["settingsOver", settings, { connect: {} }, { backoff: { minMs: -1 } }, "it.backoff.minMs"],
  ["settingsOver what is no object", settings, undefined, 1],
  ["required", required(flag), true, undefined],
  ["runtimeWith", runtimeWith("go"), { go: act }, undefined, "it.go"],
];

describe("a rule", () => {
  it.each(CASES.map(([name, ...of]) => ({ name, of })))(
    "$name takes what is right or absent, and names what is wrong",
    ({ of }) => {
      const [rule, good, bad, path = "it"] = of;
      expect(rule(good, "it")).toEqual([]);
      expect(paths(rule(bad, "it"))).toEqual([path]);
    },
  );

  it("of an address never shows it", () => {
    const issues = baseUrl("http")("https://user:hunter2@a", "it");
    expect(issues).toHaveLength(1);
    expect(JSON.stringify(issues)).not.toContain("hunter2");
  });
});

describe("the options of a group", () => {
  const RULES = { a: required(flag), b: unchecked, c: count };

  it("are told with all that is wrong: names first, then values in the order of the rules", () => {
    expect(paths(optionIssues({ c: 0, d: 1, b: act }, RULES))).toEqual(["d", "a", "c"]);
    expect(paths(optionIssues(undefined, RULES, "x."))).toEqual(["x.a"]);
  });

  it("are thrown as one ConfigError, with what depends on one another", () => {
    const more = [{ path: "b", message: "goes with c only" }];
    const check =
      (options: object, with_ = more) =>
      () =>
        checkOptions(options, RULES, with_);
    expect(check({ a: true, c: 0 })).toThrow(ConfigError);
    expect(check({ a: true, c: 0 })).toThrow(/c: .*b: goes with c only/s);
    expect(check({ a: true }, [])).not.toThrow();
  });
});
