import { Buffer } from "node:buffer";
import { isWsError } from "@oath-ws/contract";
import type { Handshake } from "@oath-ws/contract";
import fc from "fast-check";
import { LeafRecorder } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { handshakeFault } from "../../src/errors/handshake-fault.js";
import { FUZZ_TIMEOUT_MS, fuzzRuns, fuzzSeed } from "./support/campaign.js";
import { CannedStream } from "./support/canned-stream.js";
import { LEAF_NAMES, LEAVES } from "./support/hostile-row.js";

const settings = { numRuns: fuzzRuns(1500), seed: fuzzSeed(3986) };

const piece = fc.oneof(
  fc.constantFrom(
    "x-key",
    "X-Key",
    "host",
    "Host",
    "Connection",
    "sec-websocket-key",
    "__proto__",
    "v1",
    "a b",
    "\r\n",
    "\r\nX-Evil: 1",
    "\0",
    "é",
    "",
  ),
  fc.string(),
  fc.string({ unit: "binary" }),
);
const url = fc.oneof(
  fc.constantFrom(
    "ws://venue.test/",
    "wss://venue.test/",
    "WS://u:p@venue.test:81/a?b=c",
    "ws://[::1]:8080/",
    "ws://venue.test/#x",
    "http://venue.test/",
  ),
  fc
    .tuple(piece, piece, piece)
    .map(([user, path, query]) => `ws://${encodeURIComponent(user)}@venue.test/${path}?${query}`),
  fc.webUrl({ validSchemes: ["ws", "wss", "http"], withQueryParameters: true }),
  fc.string(),
);
const headers = fc.oneof(
  { weight: 9, arbitrary: fc.dictionary(piece, piece, { maxKeys: 4 }) },
  fc.anything(),
);
const protocols = fc.oneof(
  { weight: 9, arbitrary: fc.array(piece, { maxLength: 4 }) },
  fc.anything(),
);
const attempts = fc.record({
  url: fc.oneof({ weight: 9, arbitrary: url }, fc.anything()),
  headers,
  protocols,
}) as fc.Arbitrary<Handshake>;

describe("a handshake that is anything", () => {
  it(
    "is taken, or refused with a typed error",
    () => {
      fc.assert(
        fc.property(attempts, (attempt) => {
          const fault = handshakeFault(attempt);
          if (fault === undefined) return;
          expect(fault.kind).toBe("client");
          expect(fault.code).toBeOneOf(["URL_INVALID", "HANDSHAKE_OPTIONS_INVALID"]);
          expect(fault.message).not.toMatch(/[\r\n]/);
        }),
        settings,
      );
    },
    FUZZ_TIMEOUT_MS,
  );

  it.each(LEAF_NAMES)(
    "becomes one request by the %s leaf that has these headers and no others",
    async (leaf) => {
      let dialled = 0;
      await fc.assert(
        fc.asyncProperty(attempts, async (attempt) => {
          const stream = new CannedStream(() => [Buffer.from("HTTP/1.1 503 No\r\n\r\n")]);
          const reason: unknown = await LeafRecorder.connect(
            LEAVES[leaf]({ socket: { createConnection: () => stream } }),
            attempt,
          ).catch((error: unknown) => error);
          if (!isWsError(reason)) throw reason;
          if (handshakeFault(attempt) !== undefined) {
            expect(stream.request).toBe("");
            return;
          }
          if (reason.code !== "UPGRADE_REFUSED") return expect(reason.kind).toBe("client");
          dialled++;
          expectOneRequest(stream.request, attempt);
        }),
        settings,
      );
      expect(dialled).toBeGreaterThan(settings.numRuns / 100);
    },
    FUZZ_TIMEOUT_MS,
  );
});

/**
 * Nothing that was put into a URL, a header or a subprotocol may add a line, or replace one of the
 * transport's own.
 */
function expectOneRequest(request: string, { headers, protocols }: Handshake): void {
  expect(request.indexOf("\r\n\r\n")).toBe(request.length - 4);
  const [first = "", ...lines] = request.slice(0, -4).split("\r\n");
  expect(first).toMatch(/^GET \/[!-~]* HTTP\/1\.1$/);
  const names = lines.map((line) => line.slice(0, line.indexOf(":")).toLowerCase());
  const own = ["host", "connection", "upgrade", "sec-websocket-version", "sec-websocket-key"];
  const expected = new Set([...own, ...Object.keys(headers).map((name) => name.toLowerCase())]);
  if (protocols.length > 0) expected.add("sec-websocket-protocol");
  // The URL's user info, unless a header says it.
  expected.add("authorization");
  for (const name of names) expect(expected).toContain(name);
  for (const name of own) expect(names.filter((each) => each === name)).toHaveLength(1);
  for (const name of Object.keys(headers)) expect(names).toContain(name.toLowerCase());
}
