import { AttemptGate, build, isConfigError, open } from "oath-ws";
import type { BuildOptions } from "oath-ws";
import { describe, expect, it } from "vitest";
import { buildParts } from "../src/options/build-parts.js";
import { ReconnectingWebSocket } from "../src/websocket/index.js";
import { thrownBy } from "./websocket/support/server.js";

const URL = "ws://127.0.0.1:1/";
const TOO_BIG = {
  path: "limits.maxMessageBytes",
  message: "must be at most 2147483647, got 2147483648",
};

function issuesOf(error: unknown): readonly { path: string; message: string }[] {
  if (!isConfigError(error)) throw error;
  return error.issues;
}

async function connected(options: unknown): Promise<unknown> {
  return await build(options as never).connect({ url: URL, protocols: [], headers: {} });
}

/** Everybody who takes the options of `build()`. */
const FRONT_DOORS: readonly [string, (options: unknown) => Promise<unknown>][] = [
  ["build()", (options) => connected(options).catch((error: unknown) => error)],
  ["open()", (options) => open(URL, options as never).catch((error: unknown) => error)],
  [
    "new ReconnectingWebSocket()",
    (options) =>
      Promise.resolve(thrownBy(() => new ReconnectingWebSocket(URL, [], options as never))),
  ],
];

describe.each(FRONT_DOORS)("%s", (_name, refusal) => {
  it("names everything that is wrong at once, wherever it is checked", async () => {
    const options = {
      confg: {},
      absent: undefined,
      config: {
        backoff: { factor: 0 },
        limits: { maxMessageBytes: 2 ** 31 },
        buffer: { maxBytes: 2 ** 32 },
      },
      tls: { hostname: "x" },
      socket: { autoPong: true },
      auth: () => undefined,
      gate: {},
      tracer: { log: () => undefined },
    };
    const issues = issuesOf(await refusal(options));
    expect(issues.map(({ path }) => path).toSorted()).toEqual([
      "auth",
      "backoff.factor",
      "confg",
      // One for each method of the seam.
      ...Array.from({ length: 8 }, () => "gate"),
      "limits.maxMessageBytes",
      "socket.autoPong",
      "tls.hostname",
      "tracer",
    ]);
    expect(issues).toContainEqual(TOO_BIG);
    expect(issues).toContainEqual({ path: "confg", message: "is not an option" });
    expect(issues).toContainEqual({ path: "auth", message: "must have a method authorize()" });
  });

  it("names a message limit that the leaf cannot keep by the caller's path, once", async () => {
    const options = {
      config: { limits: { maxMessageBytes: 2 ** 31 }, buffer: { maxBytes: 2 ** 32 } },
    };
    expect(issuesOf(await refusal(options))).toEqual([TOO_BIG]);
  });

  it.each([null, 7, [[]]])("refuses options that are %s", async (options) => {
    expect(issuesOf(await refusal(options))).toEqual([
      { path: "options", message: "must be an object" },
    ]);
  });

  it("refuses a gate whose key function throws", async () => {
    const gate = new AttemptGate({
      key: () => {
        throw new TypeError("canary");
      },
    });
    expect(issuesOf(await refusal({ gate }))).toEqual([
      { path: "gate.key", message: "must give a string for a URL, threw TypeError" },
    ]);
  });
});

it("build() says where an option of open() belongs", () => {
  expect(
    issuesOf(thrownBy(() => build({ protocols: [], signal: AbortSignal.abort() } as never))),
  ).toEqual([
    { path: "protocols", message: "belongs into the handshake" },
    { path: "signal", message: "belongs into the options of connect()" },
  ]);
});

it("open() takes its own options beside those of build()", async () => {
  const reason = { why: "enough" };
  const options = {
    protocols: ["v1"],
    headers: { a: "b" },
    awaitFirst: true,
    signal: AbortSignal.abort(reason),
    tls: undefined,
  };
  await expect(open(URL, options)).rejects.toBe(reason);
});

it("one connector serves all calls of open() that pass no options on to it", () => {
  const leafOf = (options: BuildOptions | undefined, closeTimeoutMs = 5): unknown =>
    buildParts(options, [], () => closeTimeoutMs).leaf;
  const plain = leafOf(undefined);
  expect(leafOf({ config: { attempts: { max: 1 } } })).toBe(plain);
  for (const other of [
    { transport: "ws" },
    { tls: {} },
    { socket: {} },
    { config: { limits: { maxMessageBytes: 1 } } },
  ] as const) {
    expect(leafOf(other)).not.toBe(plain);
  }
  // The last one is remembered: nothing but the bound of the closing handshake differs.
  const last = leafOf(undefined);
  expect(leafOf(undefined)).toBe(last);
  expect(leafOf(undefined, 6)).not.toBe(last);
});
