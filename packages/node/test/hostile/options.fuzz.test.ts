import { Buffer } from "node:buffer";
import { isConfigError, isWsError } from "@oath-ws/contract";
import type { ConfigIssue } from "@oath-ws/contract";
import fc from "fast-check";
import { open } from "oath-ws";
import { LeafRecorder } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { resolveDirectOptions } from "../../src/direct/resolve-direct-options.js";
import { resolveOptions } from "../../src/options/resolve-options.js";
import { handshake } from "../support/connections.js";
import { FUZZ_TIMEOUT_MS, fuzzRuns, fuzzSeed } from "./support/campaign.js";
import { CannedStream } from "./support/canned-stream.js";
import { LEAF_NAMES, LEAVES } from "./support/hostile-row.js";

const settings = { numRuns: fuzzRuns(1000), seed: fuzzSeed(2026) };

const TOP = ["maxMessageBytes", "closeTimeoutMs", "tls", "socket", "ws", "timer"];
const TLS = [
  "ALPNProtocols",
  "ca",
  "cert",
  "checkServerIdentity",
  "ciphers",
  "crl",
  "dhparam",
  "ecdhCurve",
  "honorCipherOrder",
  "key",
].concat(
  [
    "maxVersion",
    "minDHSize",
    "minVersion",
    "passphrase",
    "pfx",
    "rejectUnauthorized",
    "secureContext",
    "secureOptions",
    "servername",
  ],
  ["session", "sessionIdContext", "sessionTimeout", "sigalgs", "secureProtocol"],
);
const SOCKET = [
  "agent",
  "autoSelectFamily",
  "family",
  "generateMask",
  "hints",
  "insecureHTTPParser",
  "keepAlive",
  "keepAliveInitialDelay",
].concat([
  "localAddress",
  "localPort",
  "lookup",
  "maxHeaderSize",
  "origin",
  "perMessageDeflate",
  "skipUTF8Validation",
  "followRedirects",
]);
const DEFLATE = [
  "serverNoContextTakeover",
  "clientNoContextTakeover",
  "serverMaxWindowBits",
  "clientMaxWindowBits",
  "threshold",
].concat(["zlibDeflateOptions", "zlibInflateOptions"]);

/** Anything but functions: those would be called, and what they do is their own affair. */
const junk = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: true,
  maxDepth: 2,
});
const value = fc.oneof(
  junk,
  fc.constantFrom<unknown[]>(
    undefined,
    null,
    true,
    false,
    0,
    -1,
    1,
    8,
    15,
    16,
    1.5,
    2 ** 31,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "",
    "x",
    "TLSv1.2",
    [],
    {},
  ),
);
const record = (
  keys: readonly string[],
  values: fc.Arbitrary<unknown> = value,
): fc.Arbitrary<Record<string, unknown>> =>
  fc.dictionary(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...keys) }, fc.string()), values, {
    maxKeys: 4,
  });
const deflate = fc.oneof(value, record(DEFLATE));
const socket = fc
  .tuple(record(SOCKET), fc.option(deflate, { nil: undefined }))
  .map(([group, perMessageDeflate]) => ({ ...group, perMessageDeflate }));
const options = fc.oneof(
  { weight: 1, arbitrary: junk },
  {
    weight: 9,
    arbitrary: fc
      .tuple(record(TOP), fc.oneof(value, record(TLS)), fc.oneof(value, socket))
      .map(([top, tls, group]) => ({ ...top, tls, socket: group })),
  },
);

/**
 * The issues; `undefined` when the options are taken. Anything else that is thrown is thrown on.
 */
function issuesOf(check: () => unknown): readonly ConfigIssue[] | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!isConfigError(error)) throw error;
    return error.issues;
  }
}

/** Whether the caller wrote this field. A key may have dots in it. */
function isIn(value: unknown, path: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(
    ([key, inner]) =>
      path === key || (path.startsWith(`${key}.`) && isIn(inner, path.slice(key.length + 1))),
  );
}

describe("options that are anything", () => {
  it.each([
    ["ws", (given: never) => resolveOptions(given, "ws")],
    ["direct", resolveDirectOptions],
  ] as const)(
    "are taken or refused over the transport %s with a ConfigError that names each field",
    (_name, resolve) => {
      let refused = 0;
      let taken = 0;
      fc.assert(
        fc.property(options, (given) => {
          const issues = issuesOf(() => resolve(given as never));
          if (issues === undefined) {
            taken++;
            return;
          }
          refused++;
          expect(issues.length).toBeGreaterThan(0);
          for (const { path, message } of issues) {
            expect(message).toMatch(/./);
            expect(path === "options" || isIn(given, path), `${path}: ${message}`).toBe(true);
          }
        }),
        settings,
      );
      expect(Math.min(refused, taken)).toBeGreaterThan(settings.numRuns / 100);
    },
    FUZZ_TIMEOUT_MS,
  );

  it("are refused by the direct leaf also where a window of deflate is an object that cannot be printed", () => {
    const bits: unknown = Object.create(null);
    const issues = issuesOf(() =>
      resolveDirectOptions({
        socket: { perMessageDeflate: { clientMaxWindowBits: bits as number } },
      }),
    );
    expect(issues?.map(({ path }) => path)).toEqual([
      "socket.perMessageDeflate.clientMaxWindowBits",
    ]);
  });

  it(
    "are refused by open() in the same way",
    async () => {
      const outer = record([
        "config",
        "auth",
        "classify",
        "gate",
        "tracer",
        "transport",
        "tls",
        "socket",
        "ws",
        "protocols",
        "headers",
        "signal",
        "awaitFirst",
      ]);
      await fc.assert(
        fc.asyncProperty(outer, fc.anything({ maxDepth: 2 }), async (given, config) => {
          const connector = { ...given, config, typo: 1 };
          const reason: unknown = await open("ws://127.0.0.1:1/", connector as never).then(
            () => "opened",
            (error: unknown) => error,
          );
          if (!isConfigError(reason)) throw reason;
          expect(reason.issues.map(({ path }) => path)).toContain("typo");
        }),
        settings,
      );
    },
    FUZZ_TIMEOUT_MS,
  );
});

describe.each(LEAF_NAMES)("the %s leaf, whose options Node is the first to look at,", (leaf) => {
  it.each(["ws", "wss"])(
    "connects over %s, or rejects with a WsError",
    async (scheme) => {
      await fc.assert(
        fc.asyncProperty(socket, record(TLS), async (group, tls) => {
          const createConnection = (): CannedStream =>
            new CannedStream(() => [Buffer.from("HTTP/1.1 503 No\r\n\r\n")]);
          const given = {
            socket: { ...group, createConnection },
            ...(scheme === "wss" ? { tls } : {}),
          };
          let connector;
          try {
            connector = LEAVES[leaf](given as never);
          } catch (error) {
            if (!isConfigError(error)) throw error;
            return;
          }
          const reason: unknown = await LeafRecorder.connect(
            connector,
            handshake(`${scheme}://venue.test/`),
          ).catch((error: unknown) => error);
          if (!isWsError(reason)) throw reason;
          expect(reason.message).not.toContain("\n");
        }),
        settings,
      );
    },
    FUZZ_TIMEOUT_MS,
  );
});
