import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnswerFault, AnswerReader } from "../../src/direct/answer-reader.js";
import { FUZZ_TIMEOUT_MS, fuzzRuns, fuzzSeed } from "../hostile/support/campaign.js";
import { cut } from "./support/decoding.js";

const MAX_BYTES = 16_384;

/** What a reader makes of the bytes, cut at these places: the answer and what follows it. */
function read(text: string, places: readonly number[] = [], maxBytes = MAX_BYTES): unknown {
  const reader = new AnswerReader(maxBytes);
  const pieces = cut(Buffer.from(text, "latin1"), places).map((piece) => Buffer.from(piece));
  try {
    for (const [index, piece] of pieces.entries()) {
      // As the socket hands it over: with the bytes of an earlier read behind it.
      const lent = Buffer.concat([piece, Buffer.from("\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")]);
      const end = reader.push(lent, piece.length);
      if (end === undefined) continue;
      const rest = [piece.subarray(end), ...pieces.slice(index + 1)];
      return { ...reader.head, rest: Buffer.concat(rest).toString("latin1") };
    }
    return "more";
  } catch (error) {
    if (!(error instanceof AnswerFault)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

const OK = "HTTP/1.1 101 Switching Protocols\r\n";

describe("the answer to an upgrade", () => {
  it.each([
    [`${OK}A: b\r\n\r\n\x81`, { status: 101, headers: { a: "b" }, rest: "\x81" }],
    ["HTTP/1.0 101\r\nA:\r\n\r\n", { status: 101, headers: { a: "" }, rest: "" }],
    ["HTTP/1.1 503 \r\n\r\nbody", { status: 503, headers: {}, rest: "body" }],
    ["\r\n\r\nHTTP/1.1 503 No\r\n\r\n", { status: 503, headers: {}, rest: "" }],
    [
      `HTTP/1.1 103 Hints\r\nX: y\r\n\r\nHTTP/1.1 100\r\n\r\n${OK}\r\n`,
      { status: 101, headers: {}, rest: "" },
    ],
    [
      `${OK}X-A: \t one two\t \r\nx-a:three\r\nconstructor: c\r\n\r\n`,
      { status: 101, headers: { "x-a": "one two, three", constructor: "c" }, rest: "" },
    ],
    [
      "HTTP/1.1 429 No\r\nRetry-After: 1\r\nRetry-After: 2\r\n\r\n",
      { status: 429, headers: { "retry-after": "1" }, rest: "" },
    ],
  ])("%j is read", (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each([
    ["SSH-2.0-OpenSSH_9.2", "HTTP_NOT_SPOKEN: line 1 of the answer is not HTTP/1.1"],
    ["HTTP/2", "HTTP_NOT_SPOKEN: line 1 of the answer is not HTTP/1.1"],
    ["HTTP/1.2 101", "HTTP_NOT_SPOKEN: line 1 of the answer is not HTTP/1.1"],
    ["\x15\x03\x01", "HTTP_NOT_SPOKEN: line 1 of the answer is not HTTP/1.1"],
    ["HTTP/1.1  101", "HTTP_STATUS_LINE: line 1 of the answer is not a status line"],
    ["HTTP/1.1 1010", "HTTP_STATUS_LINE: line 1 of the answer is not a status line"],
    ["HTTP/1.1 099", "HTTP_STATUS_LINE: line 1 of the answer is not a status line"],
    ["HTTP/1.1 101 a\0", "HTTP_STATUS_LINE: line 1 of the answer is not a status line"],
    ["HTTP/1.1 101 a\n", "HTTP_LINE_END: line 1 of the answer does not end with CR and LF"],
    [`${OK}A: b\r\rC`, "HTTP_LINE_END: line 2 of the answer does not end with CR and LF"],
    [`${OK}A: b\nC`, "HTTP_LINE_END: line 2 of the answer does not end with CR and LF"],
    [
      `${OK}A: b\r\n c`,
      "HTTP_OBS_FOLD: line 3 of the answer begins with a blank, as a folded header does",
    ],
    [
      `${OK}\tA: b`,
      "HTTP_OBS_FOLD: line 2 of the answer begins with a blank, as a folded header does",
    ],
    [`${OK}A : b`, "HTTP_FIELD_NAME: line 2 of the answer is no name with a colon behind it"],
    [`${OK}: b`, "HTTP_FIELD_NAME: line 2 of the answer is no name with a colon behind it"],
    [`${OK}A\r`, "HTTP_FIELD_NAME: line 2 of the answer is no name with a colon behind it"],
    [
      `${OK}A: secret\0`,
      "HTTP_FIELD_VALUE: line 2 of the answer holds a character that no header may hold",
    ],
    ...[
      "Content-Length: 1\r\nContent-Length: 1\r\n",
      "Content-Length: -1\r\n",
      "Content-Length:\r\n",
      "Content-Length: 1, 1\r\n",
      "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ].map((lines): [string, RegExp] => [
      OK + lines,
      /^HTTP_CONTENT_LENGTH: line \d of the answer /,
    ]),
    [
      OK + "a:b\r\n".repeat(2001),
      "HTTP_TOO_MANY_FIELDS: line 2002 of the answer is one header more than the 2000 that are " +
        "read",
    ],
    [
      "HTTP/1.1 103 Hints\r\n\r\n".repeat(101),
      "HTTP_TOO_MANY_ANSWERS: line 2 of the answer ends one interim answer more than the 100 " +
        "that are read",
    ],
    [
      `${OK}A: ${"x".repeat(MAX_BYTES)}`,
      "HTTP_HEAD_TOO_LARGE: line 2 of the answer makes the head longer than maxHeaderSize allows",
    ],
  ] as [string, string | RegExp][])("%j is refused", (text, fault) => {
    expect(read(text)).toEqual(typeof fault === "string" ? fault : expect.stringMatching(fault));
  });

  it("may be as long as the bound, and no longer", () => {
    const text = `${OK}A: b\r\n\r\n`;
    expect(read(text, [], text.length)).toMatchObject({ status: 101 });
    expect(read(text, [], text.length - 1)).toMatch(/^HTTP_HEAD_TOO_LARGE: line 3 /);
  });
});

const HEADS = [
  `HTTP/1.1 100\r\n\r\n${OK}Upgrade: websocket\r\n` +
    "Set-Cookie: a\r\nset-cookie: b\r\n\r\n\x81\r\n\r\n",
  "HTTP/1.1 429 Slow\r\nRetry-After: 30\r\nContent-Length: 2\r\n\r\nno",
  `${OK}A: b\r\n c: d\r\n\r\n`,
  `${OK}A: b\r\nC: d\0\r\n\r\n`,
  `\r\n${OK}A: ${"x".repeat(300)}\r\n\r\n`,
];

it("an answer means the same wherever it is cut", () => {
  for (const head of HEADS) {
    const whole = read(head, [], 256);
    for (let at = 1; at < head.length; at++) expect(read(head, [at], 256)).toEqual(whole);
    expect(
      read(
        head,
        [...head].map((_, at) => at),
        256,
      ),
    ).toEqual(whole);
  }
});

it(
  "a spoilt answer is no untyped error, is not kept beyond the bound, and means the same when cut",
  () => {
    const seen = new Set<string>();
    const pieces = fc.constantFrom(
      ...["HTTP/1.1 ", "101", " x", "\r\n", "\r", "\n", "A", ":", " ", "b", "\0", "\xff", "1"],
      ...["Content-Length: 1\r\n", "HTTP/1.1 200 OK\r\n", "X: y\r\n", "y".repeat(40)],
    );
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join("")),
      fc.array(pieces, { maxLength: 30 }).map((parts) => OK + parts.join("")),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
    );
    fc.assert(
      fc.property(text, fc.array(fc.nat(200), { maxLength: 6 }), (answer, places) => {
        const whole = read(answer, [], 100);
        expect(read(answer, places, 100)).toEqual(whole);
        // An interim answer, and the beginning of another one, are the most that is waited for.
        if (whole === "more" && answer.split("HTTP/1.").length < 3)
          expect(answer.length).toBeLessThanOrEqual(200);
        seen.add(typeof whole === "string" ? (whole.split(":")[0] ?? "") : "read");
      }),
      { numRuns: fuzzRuns(4000), seed: fuzzSeed(9112) },
    );
    for (const outcome of ["read", "more", "HTTP_OBS_FOLD", "HTTP_HEAD_TOO_LARGE"])
      expect(seen).toContain(outcome);
  },
  FUZZ_TIMEOUT_MS,
);
