import type { ErrorKind, Handshake } from "@oath-ws/contract";
import { LeafRecorder } from "../leaf-recorder.js";
import { toUtf8 } from "../utf8.js";
import { define } from "./case.js";
import type { CaseDefinition } from "./case.js";
import { check, checkFrame, checkSame, checkWsError, started } from "./check.js";
import { ProbeSignal } from "./probe-signal.js";

/** Statuses, and what sort of failure each is. */
const REFUSALS: readonly {
  readonly status: number;
  readonly kind: ErrorKind;
  readonly retryAfterSeconds?: number;
}[] = [
  { status: 401, kind: "auth" },
  { status: 403, kind: "auth" },
  { status: 404, kind: "client" },
  { status: 429, kind: "throttled", retryAfterSeconds: 7 },
  { status: 500, kind: "server" },
  { status: 503, kind: "server", retryAfterSeconds: 120 },
];

/** Dialling: what goes out, what comes of it, and how it is cancelled. */
export const DIAL_CASES: readonly CaseDefinition[] = [
  define("dialling: path and query reach the server", async (s) => {
    const { peer } = await s.open({}, { suffix: "?depth=5&name=a%20b" });
    check(
      peer.request.target.endsWith("?depth=5&name=a%20b"),
      `the query did not arrive: ${peer.request.target}`,
    );
  }),

  define(
    "dialling: request headers reach the server",
    async (s) => {
      const { peer } = await s.open(
        {},
        { headers: { "X-Conformance": "yes", Cookie: 'api={"session":"1"}' } },
      );
      checkSame(peer.request.headers["x-conformance"], "yes", "a header of our own");
      checkSame(peer.request.headers["cookie"], 'api={"session":"1"}', "the Cookie header");
    },
    "requestHeaders",
  ),

  define("dialling: subprotocols are offered in order, and the chosen one is told", async (s) => {
    const { leaf, peer } = await s.open(
      { protocol: "v1.feed" },
      { protocols: ["v2.feed", "v1.feed"] },
    );
    checkSame(peer.request.protocols.join(), "v2.feed,v1.feed", "the offer");
    checkSame(leaf.connection.protocol, "v1.feed", "the chosen subprotocol");
    const plain = await s.open();
    checkSame(plain.peer.request.protocols.length, 0, "subprotocols offered by a dial without any");
    checkSame(plain.leaf.connection.protocol, "", "the subprotocol of a dial without any");
  }),

  define("dialling: a subprotocol that was not offered fails the handshake", async (s) => {
    const server = await s.start({ kind: "accept", protocol: "surprise" });
    const error = await s.rejection(s.dial(server, { protocols: ["v1.feed"] }), "connect()");
    checkWsError(error, "connect()");
    await s.within(server.idle(), "the end of every socket");
  }),

  define("dialling: two connections of one connector have nothing in common", async (s) => {
    const server = await s.start();
    const one = await s.link(server);
    const two = await s.link(server);
    check(one.leaf.connection !== two.leaf.connection, "both dials gave the same connection");
    one.peer.send({ kind: "text", data: toUtf8("for one") });
    two.peer.send({ kind: "text", data: toUtf8("for two") });
    checkFrame(await s.take(two.leaf), "text", toUtf8("for two"), "the second connection's frame");
    checkFrame(await s.take(one.leaf), "text", toUtf8("for one"), "the first connection's frame");
    one.leaf.destroy();
    await s.within(one.peer.gone(), "the first client's end");
    await s.checkAlive(two);
  }),

  ...refusalCases(),

  define("dialling: no listener: a typed error of kind connection", async (s) => {
    const server = await s.start({ kind: "absent" });
    const error = checkWsError(await s.rejection(s.dial(server), "connect()"), "connect()");
    checkSame(error.kind, "connection", "the error's kind");
  }),

  define(
    "dialling: the server drops the connection instead of answering: a typed error",
    async (s) => {
      const server = await s.start({ kind: "drop" });
      checkWsError(await s.rejection(s.dial(server), "connect()"), "connect()");
      await s.within(server.idle(), "the end of every socket");
    },
    "abruptEnd",
  ),

  define("dialling: no error shows the query or a header of the handshake", async (s) => {
    const secretive = { suffix: "?token=sesame", headers: { Authorization: "Bearer sesame" } };
    for (const server of [
      await s.start({ kind: "refuse", status: 401 }),
      await s.start({ kind: "absent" }),
    ]) {
      const error = checkWsError(
        await s.rejection(s.dial(server, secretive), "connect()"),
        "connect()",
      );
      const shown = `${String(error)} ${error.stack} ${JSON.stringify(error)}`;
      check(!shown.includes("sesame"), "the error shows a secret of the handshake");
    }
  }),

  define("dialling: a bad URL is refused before anything is dialled, and not shown", async (s) => {
    const server = await s.start();
    const { host } = hostOf(server.url);
    const bad: unknown[] = [
      "",
      "not a url",
      "/relative",
      `http://${host}/`,
      `ws://${host}/#part`,
      "ws://user:sesame@:0x/",
      undefined,
      7,
    ];
    for (const url of bad) {
      const handshake = { url, protocols: [], headers: {} } as unknown as Handshake;
      const what = `connect to ${JSON.stringify(url) ?? "undefined"}`;
      const dialled = started(() => s.connector.connect(handshake, new LeafRecorder()), what);
      const error = checkWsError(await s.rejection(dialled, what), what, "URL_INVALID");
      checkSame(error.kind, "client", `${what}: kind`);
      check(!error.message.includes("sesame"), `${what}: the message shows the URL`);
    }
    // A dial that went out all the same would have reached the server before this one.
    await s.link(server);
    checkSame(server.dialCount, 1, "dials that reached the server");
  }),

  define(
    "dialling: a signal that is aborted already rejects with its reason, and nothing is dialled",
    async (s) => {
      const server = await s.start();
      for (const reason of [{ why: "changed my mind" }, "a string", undefined]) {
        const signal = new ProbeSignal();
        signal.abort(reason);
        checkSame(await s.rejection(s.dial(server, { signal }), "connect()"), reason, "the reason");
      }
      await s.link(server);
      checkSame(server.dialCount, 1, "dials that reached the server");
    },
  ),

  define(
    "dialling: an abort right after the call rejects with its reason and leaves no socket",
    async (s) => {
      const server = await s.start();
      const signal = new ProbeSignal();
      const reason = { why: "changed my mind" };
      const dialled = s.dial(server, { signal });
      signal.abort(reason);
      checkSame(await s.rejection(dialled, "connect()"), reason, "the reason");
      checkSame(signal.listenerCount, 0, "listeners left on the signal");
      await s.within(server.idle(), "the end of every socket");
    },
  ),

  define(
    "dialling: an abort while the server is silent rejects with its reason and leaves no socket",
    async (s) => {
      const server = await s.start({ kind: "hang" });
      const signal = new ProbeSignal();
      const reason = { why: "no patience" };
      const dialled = s.dial(server, { signal });
      await s.within(server.dialled(), "the dial at the server");
      signal.abort(reason);
      checkSame(await s.rejection(dialled, "connect()"), reason, "the reason");
      checkSame(signal.listenerCount, 0, "listeners left on the signal");
      await s.within(server.idle(), "the end of every socket");
    },
  ),

  define(
    "dialling: once connect() has settled its signal means nothing and holds no listener",
    async (s) => {
      const signal = new ProbeSignal();
      const link = await s.open({}, { signal });
      checkSame(signal.listenerCount, 0, "listeners left on the signal after a connection");
      signal.abort("too late");
      await s.checkAlive(link);
      const refusing = new ProbeSignal();
      await s.rejection(
        s.dial(await s.start({ kind: "refuse", status: 503 }), { signal: refusing }),
        "connect()",
      );
      checkSame(refusing.listenerCount, 0, "listeners left on the signal after a refusal");
    },
  ),
];

function refusalCases(): CaseDefinition[] {
  return REFUSALS.map(({ status, kind, retryAfterSeconds }) => {
    const asked = retryAfterSeconds === undefined ? "" : " and Retry-After";
    return define(
      `dialling: a refusal with status ${status} is kind ${kind} and carries status${asked}`,
      async (s) => {
        const server = await s.start({ kind: "refuse", status, retryAfterSeconds });
        const error = checkWsError(
          await s.rejection(s.dial(server), "connect()"),
          "connect()",
          "UPGRADE_REFUSED",
        );
        checkSame(error.status, status, "the error's status");
        checkSame(error.kind, kind, "the error's kind");
        const expected = retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000;
        checkSame(error.retryAfterMs, expected, "the error's retryAfterMs");
        await s.within(server.idle(), "the end of every socket");
      },
      "refusalDetails",
    );
  });
}

function hostOf(url: string): { readonly host: string } {
  return { host: /^wss?:\/\/([^/]+)/.exec(url)?.[1] ?? "localhost" };
}
