import { Agent } from "node:http";
import { switchingProtocols } from "../../support/frames.js";
import type { RawPeer } from "../../support/raw-server.js";
import { drip } from "./hostile-row.js";
import type { Fault, HostileRow, Outcome } from "./hostile-row.js";

type Verdict = "transient" | "permanent";

function refused(fault: Fault, verdict: Verdict = "transient"): Outcome {
  return { at: "handshake", fault, verdict };
}

const INVALID = refused({ kind: "server", code: "HANDSHAKE_INVALID" });
/** Nothing was ever up, so the address is taken to be wrong. */
const SUBPROTOCOL = refused({ kind: "client", code: "SUBPROTOCOL_REFUSED" }, "permanent");
const EXTENSION = refused({ kind: "server", code: "EXTENSION_INVALID" }, "permanent");
const RESET = refused({ kind: "connection", code: "ECONNRESET" });

/**
 * Answers the upgrade with whatever this makes of the request, or of the 101 that would be right.
 */
function answers(make: (good: string) => string | Uint8Array): HostileRow["serve"] {
  return async (peer) => {
    peer.socket.write(make(switchingProtocols(await peer.request())));
  };
}

/** The right 101 with these lines added. */
function adding(...lines: readonly string[]): HostileRow["serve"] {
  return answers((good) => good.replace("\r\n\r\n", `\r\n${lines.join("\r\n")}\r\n\r\n`));
}

/** The right 101 without the header, or with another value. */
function changing(name: string, value?: string): HostileRow["serve"] {
  const line = new RegExp(`${name}: .*\\r\\n`);
  return answers((good) => good.replace(line, value === undefined ? "" : `${name}: ${value}\r\n`));
}

/** A 101 that is wrong, or odd. */
const SWITCHES: readonly HostileRow[] = [
  {
    name: "101 without Sec-WebSocket-Accept",
    serve: changing("Sec-WebSocket-Accept"),
    outcome: INVALID,
  },
  {
    name: "101 with an empty Sec-WebSocket-Accept",
    serve: changing("Sec-WebSocket-Accept", ""),
    outcome: INVALID,
  },
  {
    name: "101 with the Sec-WebSocket-Accept of another key",
    serve: changing("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    outcome: INVALID,
  },
  {
    name: "101 with Sec-WebSocket-Accept in another case",
    serve: answers((good) =>
      good.replace(/Accept: .*/, (line) => `Accept: ${line.slice(8).toUpperCase()}A`),
    ),
    outcome: INVALID,
  },
  {
    name: "101 with Sec-WebSocket-Accept twice",
    serve: answers((good) => good.replace(/(Sec-WebSocket-Accept: .*\r\n)/, "$1$1")),
    outcome: INVALID,
  },
  { name: "101 without Upgrade", serve: changing("Upgrade"), outcome: INVALID },
  { name: "101 with another Upgrade", serve: changing("Upgrade", "h2c"), outcome: INVALID },
  { name: "101 without Connection", serve: changing("Connection"), outcome: INVALID },
  { name: "101 with Connection: close", serve: changing("Connection", "close"), outcome: INVALID },
  {
    name: "101 with a subprotocol that was not asked for",
    serve: adding("Sec-WebSocket-Protocol: v1"),
    outcome: INVALID,
  },
  {
    name: "101 with another subprotocol",
    serve: adding("Sec-WebSocket-Protocol: v9"),
    protocols: ["v1"],
    outcome: SUBPROTOCOL,
  },
  {
    name: "101 with the subprotocol in capitals",
    serve: adding("Sec-WebSocket-Protocol: V1"),
    protocols: ["v1"],
    outcome: SUBPROTOCOL,
  },
  {
    name: "101 with two subprotocols",
    serve: adding("Sec-WebSocket-Protocol: v1", "Sec-WebSocket-Protocol: v2"),
    protocols: ["v1", "v2"],
    outcome: SUBPROTOCOL,
  },
  {
    name: "101 without the subprotocol",
    serve: adding("X-Other: 1"),
    protocols: ["v1"],
    outcome: SUBPROTOCOL,
  },
  {
    name: "101 with an extension that was not asked for",
    serve: adding("Sec-WebSocket-Extensions: permessage-deflate"),
    outcome: EXTENSION,
  },
  {
    name: "101 with another extension than was offered",
    serve: adding("Sec-WebSocket-Extensions: x-webkit-deflate-frame"),
    socket: { perMessageDeflate: true },
    outcome: EXTENSION,
  },
  {
    name: "101 with a window that does not exist",
    serve: adding(
      "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; " +
        "client_max_window_bits=99",
    ),
    socket: { perMessageDeflate: true },
    outcome: EXTENSION,
  },
  {
    name: "101 with an extension header that is none",
    serve: adding("Sec-WebSocket-Extensions: ;;="),
    socket: { perMessageDeflate: true },
    outcome: EXTENSION,
  },
  {
    name: "100 and 103, and then the 101",
    serve: answers(
      (good) => `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n${good}`,
    ),
    outcome: { at: "never", frames: [] },
  },
  {
    name: "101 in another spelling",
    serve: answers((good) =>
      good
        .replace("Upgrade: websocket", "upgrade:WebSocket")
        .replace("Connection: Upgrade", "CONNECTION: keep-alive, upgrade"),
    ),
    outcome: { at: "never", frames: [] },
  },
  {
    name: "101 byte by byte",
    serve: async (peer) => {
      const good = Buffer.from(switchingProtocols(await peer.request()));
      await drip(
        peer,
        [...good].map((byte) => Buffer.from([byte])),
      );
    },
    outcome: { at: "never", frames: [] },
  },
];

/** Heads that do not stop, or that no parser should take. */
const HEADS: readonly HostileRow[] = [
  {
    name: "101 with a header of 32 KiB",
    serve: adding(`X-Big: ${"x".repeat(32_768)}`),
    outcome: INVALID,
  },
  {
    name: "101 with headers that never end",
    serve: async (peer) => {
      const good = switchingProtocols(await peer.request());
      peer.socket.write(good.slice(0, -2));
      await pour(peer, Buffer.from("X-More: and more\r\n".repeat(500)));
    },
    outcome: INVALID,
  },
  {
    name: "101 with one header line that never ends",
    serve: async (peer) => {
      peer.socket.write(`${switchingProtocols(await peer.request()).slice(0, -2)}X-Long: `);
      await pour(peer, Buffer.alloc(8192, "x"));
    },
    outcome: INVALID,
  },
  {
    name: "101 with 1000 header lines",
    serve: adding(...Array.from({ length: 1000 }, (_, i) => `X-${i}: 1`)),
    outcome: { at: "never", frames: [] },
  },
  {
    // Node keeps 2000 lines and forgets the rest, here the accept key.
    name: "101 with 3000 header lines before the one that counts",
    serve: answers((good) =>
      good.replace("Sec-WebSocket-Accept", `${"a:b\r\n".repeat(3000)}Sec-WebSocket-Accept`),
    ),
    outcome: INVALID,
  },
  { name: "a NUL in a header", serve: adding("X-Nul: a\u0000b"), outcome: INVALID },
  { name: "a header line without a colon", serve: adding("nothing of the kind"), outcome: INVALID },
  {
    name: "a folded header with a space before the colon",
    serve: adding("X-Space : 1"),
    outcome: INVALID,
  },
  {
    name: "Content-Length twice, in disagreement",
    serve: adding("Content-Length: 1", "Content-Length: 2"),
    outcome: INVALID,
  },
  { name: "no HTTP", serve: answers(() => "SSH-2.0-OpenSSH_9.2\r\n"), outcome: INVALID },
  {
    name: "a TLS alert",
    serve: answers(() => Buffer.from([0x15, 3, 1, 0, 2, 2, 80])),
    outcome: INVALID,
  },
  {
    name: "a WebSocket frame in place of a head",
    serve: answers(() => Buffer.from([0x81, 1, 0x61])),
    outcome: INVALID,
  },
  {
    name: "HTTP/2",
    serve: answers(() => Buffer.from("\0\0\x12\x04\0\0\0\0\0", "latin1")),
    outcome: INVALID,
  },
];

/** Answers that are no 101. */
const REFUSALS: readonly HostileRow[] = (
  [
    [200, "client", "transient"],
    [301, "client", "transient"],
    [302, "client", "transient"],
    [400, "client", "permanent"],
    [401, "auth", "permanent"],
    [403, "auth", "permanent"],
    [404, "client", "permanent"],
    [407, "auth", "permanent"],
    [426, "client", "permanent"],
    [429, "throttled", "transient"],
    [500, "server", "transient"],
    [503, "server", "transient"],
  ] as const
).flatMap(([status, kind, verdict]) => {
  const outcome = refused({ kind, code: "UPGRADE_REFUSED", status }, verdict);
  const head = (headers: string): string =>
    `HTTP/1.1 ${status} No\r\nLocation: ws://127.0.0.1:1/\r\n${headers}\r\n\r\n`;
  return [
    {
      name: `${status} with a body`,
      serve: answers(() => `${head("Content-Length: 9")}no, no, no`),
      outcome,
    },
    {
      name: `${status} with a body that never ends`,
      serve: async (peer: RawPeer) => {
        await peer.request();
        peer.socket.write(head("Transfer-Encoding: chunked"));
        await pour(peer, Buffer.from(`2000\r\n${"x".repeat(0x2000)}\r\n`));
      },
      outcome,
    },
  ];
});

const BUSY = refused({ kind: "server", code: "UPGRADE_REFUSED", status: 503 });

/**
 * Refusals that are complete with their head: nothing would keep their sockets from being used
 * again.
 */
const EMPTY_REFUSALS: readonly HostileRow[] = [
  {
    name: "503 without a body",
    serve: answers(() => "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"),
    outcome: BUSY,
  },
  {
    name: "503 without a body, to a client whose agent keeps connections",
    serve: answers(
      () => "HTTP/1.1 503 Busy\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
    ),
    socket: { agent: new Agent({ keepAlive: true }) },
    outcome: BUSY,
  },
  {
    name: "101 without Upgrade, to a client whose agent keeps connections",
    serve: answers(() => "HTTP/1.1 101 Nothing\r\nConnection: keep-alive\r\n\r\n"),
    socket: { agent: new Agent({ keepAlive: true }) },
    outcome: INVALID,
  },
  {
    name: "204",
    serve: answers(() => "HTTP/1.1 204 No Content\r\n\r\n"),
    outcome: refused({ kind: "client", code: "UPGRADE_REFUSED", status: 204 }),
  },
];

/** Connections that do not even get an answer. */
const CUTS: readonly HostileRow[] = [
  {
    name: "RST before the request is read",
    serve: async (peer) => {
      peer.socket.resetAndDestroy();
    },
    outcome: RESET,
  },
  {
    name: "RST after the request",
    serve: cut((peer) => peer.socket.resetAndDestroy()),
    outcome: RESET,
  },
  { name: "FIN after the request", serve: cut((peer) => peer.socket.end()), outcome: RESET },
  {
    name: "FIN in the middle of the head",
    serve: cut((peer) => peer.socket.end("HTTP/1.1 101 Swi")),
    outcome: RESET,
  },
  {
    name: "FIN in the middle of a refusal's body",
    serve: cut((peer) => peer.socket.end("HTTP/1.1 503 Busy\r\nContent-Length: 99\r\n\r\nsome")),
    outcome: refused({ kind: "server", code: "UPGRADE_REFUSED", status: 503 }),
  },
];

export const HANDSHAKE_ROWS: readonly HostileRow[] = [
  ...SWITCHES,
  ...HEADS,
  ...REFUSALS,
  ...EMPTY_REFUSALS,
  ...CUTS,
];

function cut(how: (peer: RawPeer) => unknown): HostileRow["serve"] {
  return async (peer) => {
    await peer.request();
    how(peer);
  };
}

/** Writes until the client leaves, as fast as it takes it. */
async function pour(peer: RawPeer, chunk: Uint8Array): Promise<void> {
  const { socket } = peer;
  while (!socket.destroyed && socket.writable) {
    await new Promise<void>((resolve) => {
      socket.write(chunk, () => resolve());
    });
  }
}
