import { Buffer } from "node:buffer";
import { isWsError } from "@oath-ws/contract";
import fc from "fast-check";
import { LeafRecorder } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { AnswerFault } from "../../src/direct/answer-reader.js";
import { deflateAgreement } from "../../src/direct/deflate-extension.js";
import { checkUpgrade } from "../../src/direct/upgrade-response.js";
import { cut } from "../direct/support/decoding.js";
import { handshake, readAll } from "../support/connections.js";
import { frame, OP, switchingProtocols } from "../support/frames.js";
import { mutateBytes, shrinkBytes } from "./support/byte-mutations.js";
import { campaign, FUZZ_TIMEOUT_MS, fuzzRuns, fuzzSeed } from "./support/campaign.js";
import type { Target } from "./support/campaign.js";
import { CannedStream } from "./support/canned-stream.js";
import { LEAVES } from "./support/hostile-row.js";
import type { LeafName } from "./support/hostile-row.js";

/** Stands for the accept key, which is another one each time. */
const KEY = "$accept";
const TAIL = frame(OP.text, "early");

interface Input {
  readonly head: Buffer;
  readonly places: readonly number[];
}

const HEADS = [
  switchingProtocols(""),
  switchingProtocols("", ["Sec-WebSocket-Protocol: v1"]),
  switchingProtocols("", ["Set-Cookie: a=b", "Set-Cookie: c=d", "Content-Length: 3"]),
  "HTTP/1.1 429 Slow\r\nRetry-After: 30\r\nContent-Length: 2\r\n\r\nno",
  "HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /\r\n\r\n",
].map((head) => Buffer.from(head.replace(/Accept: .*/, `Accept: ${KEY}`)));

const TOKENS = [
  ...[
    "\r\n",
    "\r\n\r\n",
    "\r",
    "\n",
    ": ",
    ",",
    " ",
    "\t",
    "\0",
    "101",
    "200",
    "HTTP/1.1 ",
    "HTTP/1.0 ",
    "Upgrade",
    "upgrade",
    "websocket",
    "close",
  ],
  ...[
    "Connection: close\r\n",
    "Upgrade: h2c\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Content-Length: 5\r\n",
    `Sec-WebSocket-Accept: ${KEY}\r\n`,
  ],
  ...[
    "Sec-WebSocket-Protocol: v1\r\n",
    "Sec-WebSocket-Protocol: v2\r\n",
    "Sec-WebSocket-Extensions: permessage-deflate\r\n",
    "x".repeat(17_000),
  ],
].map((token) => Buffer.from(token, "latin1"));

/** What a leaf makes of the bytes. */
async function tell(leaf: LeafName, { head, places }: Input): Promise<string> {
  const answer = (request: string): Uint8Array[] => {
    const accept = /Accept: (.*)\r\n/.exec(switchingProtocols(request))?.[1] ?? "";
    const right = Buffer.from(head.toString("latin1").replaceAll(KEY, accept), "latin1");
    // A head that does not end has nothing behind it.
    return cut(right.includes("\r\n\r\n") ? Buffer.concat([right, TAIL]) : right, places);
  };
  const connector = LEAVES[leaf]({ socket: { createConnection: () => new CannedStream(answer) } });
  try {
    const connection = await LeafRecorder.connect(
      connector,
      handshake("ws://venue.test/", { protocols: ["v1"] }),
    );
    const { frames, error } = await readAll(connection);
    connection.destroy();
    return (
      `open ${connection.connection.protocol} ${JSON.stringify(frames)} ` +
      `${error?.code}${nonMinimal(error) ? " (non-minimal)" : ""}`
    );
  } catch (error) {
    if (!isWsError(error)) throw error;
    const made = `${error.kind} ${error.code} ${error.status} ${error.retryAfterMs}`;
    return isStricter(error) ? `${made} (stricter)` : made;
  }
}

function nonMinimal(error: unknown): boolean {
  return (
    (error as { cause?: { code?: string } } | undefined)?.cause?.code ===
    "WS_ERR_NON_MINIMAL_LENGTH"
  );
}

/** Faults that we refuse, and the parser of some Node that we support does not. */
const STRICTER: readonly unknown[] = [
  "HTTP_STATUS_LINE",
  "HTTP_NOT_SPOKEN",
  "HTTP_LINE_END",
  "HTTP_OBS_FOLD",
  "HTTP_CONTENT_LENGTH",
  "HTTP_HEAD_TOO_LARGE",
];

function isStricter({ cause }: { readonly cause?: unknown }): boolean {
  return cause instanceof AnswerFault && STRICTER.includes(cause.code);
}

const responses: Target<Input> = {
  modules:
    /\/src\/(direct\/(upgrade|direct-|own-|answer-)|refusal|retry-after|from-node-error|leaf-connection)/,
  fresh: (random) => ({
    head: HEADS[random.int(HEADS.length)] ?? Buffer.alloc(0),
    places: [random.int(300), random.int(300)],
  }),
  mutate: (random, { head }, other) => ({
    head: mutateBytes(random, head, other.head, TOKENS).subarray(0, 40_000),
    places: Array.from({ length: random.int(5) }, () => random.int(1000)),
  }),
  *shrink({ head, places }) {
    for (const fewer of shrinkBytes(head)) yield { head: fewer, places };
    if (places.length > 0) yield { head, places: places.slice(1) };
  },
  async run(input) {
    const [ours, theirs] = [await tell("direct", input), await tell("ws", input)];
    if (!/\((non-minimal|stricter)\)$/.test(ours)) expect(ours).toBe(theirs);
    return ours.startsWith("open") ? ours.slice(0, 4) : ours;
  },
};

it(
  "both leaves make the same of any answer to the upgrade, and it is a connection or a typed error",
  async () => {
    const { outcomes } = await campaign(responses, { runs: 640, seed: 101 });
    for (const outcome of [
      "open",
      "server HANDSHAKE_INVALID",
      "client SUBPROTOCOL_REFUSED",
      "throttled UPGRADE_REFUSED 429 30000",
      "connection ECONNRESET",
    ]) {
      expect(
        [...outcomes].some((seen) => seen.startsWith(outcome)),
        outcome,
      ).toBe(true);
    }
  },
  FUZZ_TIMEOUT_MS,
);

const header = fc.oneof(
  fc.constantFrom(
    "websocket",
    "WebSocket",
    "Upgrade",
    "upgrade, keep-alive",
    "right",
    "right, right",
    "v1",
    "v2",
    "v1, v2",
    "",
  ),
  fc.string(),
);

it(
  "checkUpgrade lets only that through which RFC 6455 section 4.1 allows",
  () => {
    const names = [
      "upgrade",
      "connection",
      "sec-websocket-accept",
      "sec-websocket-protocol",
      "sec-websocket-extensions",
    ];
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names), header),
        fc.subarray(["v1", "v2"]),
        (headers, protocols) => {
          try {
            const { protocol } = checkUpgrade(
              headers,
              { accept: "right", protocols, deflate: undefined },
              "here",
            );
            expect(headers["upgrade"]?.toLowerCase()).toBe("websocket");
            expect(headers["connection"]?.toLowerCase()).toContain("upgrade");
            expect(headers["sec-websocket-accept"]).toBe("right");
            expect(headers["sec-websocket-extensions"]).toBeUndefined();
            expect(protocols.length === 0 ? [""] : protocols).toContain(protocol);
          } catch (error) {
            if (!isWsError(error)) throw error;
            expect(error.code).toBeOneOf(["HANDSHAKE_INVALID", "SUBPROTOCOL_REFUSED"]);
          }
        },
      ),
      { numRuns: fuzzRuns(3000), seed: fuzzSeed(41) },
    );
  },
  FUZZ_TIMEOUT_MS,
);

it(
  "deflateAgreement gives a window that zlib has, or says why not",
  () => {
    const bits = fc.oneof(fc.integer({ min: 0, max: 20 }).map(String), fc.string({ maxLength: 4 }));
    const key = fc.constantFrom(
      "server_no_context_takeover",
      "client_no_context_takeover",
      "server_max_window_bits",
      "client_max_window_bits",
      "x",
    );
    const parameter = fc.oneof(
      key,
      fc.tuple(key, bits).map(([name, value]) => `${name}=${value}`),
      fc.tuple(key, bits).map(([name, value]) => `${name} = "${value}"`),
      fc.string(),
    );
    const extension = fc
      .array(parameter, { maxLength: 5 })
      .map((parameters) => ["permessage-deflate", ...parameters].join("; "));
    const window = fc.option(fc.integer({ min: 9, max: 15 }), { nil: undefined });
    let agreed = 0;
    fc.assert(
      fc.property(
        fc.oneof({ weight: 5, arbitrary: extension }, fc.string()),
        window,
        window,
        (answer, server, client) => {
          const agreement = deflateAgreement(answer, {
            serverMaxWindowBits: server,
            clientMaxWindowBits: client,
          });
          if (typeof agreement === "string") return;
          agreed++;
          const { clientWindowBits, serverKeepsContext } = agreement;
          expect(answer.toLowerCase().includes("server_no_context_takeover")).toBe(
            !serverKeepsContext,
          );
          if (clientWindowBits !== undefined)
            expect(clientWindowBits >= 9 && clientWindowBits <= (client ?? 15)).toBe(true);
        },
      ),
      { numRuns: fuzzRuns(5000), seed: fuzzSeed(7692) },
    );
    expect(agreed).toBeGreaterThan(0);
  },
  FUZZ_TIMEOUT_MS,
);
