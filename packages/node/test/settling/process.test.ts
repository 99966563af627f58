import { once } from "node:events";
import type { Socket } from "node:net";
import { expect, it } from "vitest";
import { LEAF_NAMES } from "../hostile/support/hostile-row.js";
import { gone, RawPeer, rawServer } from "../support/raw-server.js";
import { startChild } from "./support/child.js";

// What a test in this process cannot show: after the end nothing keeps a process alive, and no
// rejection went unhandled on the way. One process lives through all moments at once, since a
// process takes a while to start; what hangs is found by taking moments away.

/** A moment in the life of a connection, in which its process wants to end. */
interface Moment {
  readonly name: string;
  /** The options of `open()`, as source. */
  readonly options?: string;
  /** Default: that of a server that does what `serve` says. */
  readonly url?: string;
  readonly scheme?: "ws" | "wss";
  /** What the server does with a client that has said something. */
  readonly serve?: (socket: Socket) => void;
  /** What the program does with `feed`, as source. */
  readonly also?: string;
  /**
   * Who knows that the moment is there: the program, which calls `reached()`, or the server, which
   * has served a client.
   */
  readonly known: "by the program" | "by the server";
}

const LONG = 3_600_000;
/** Starting a process takes long on a busy machine. */
const PATIENCE_MS = 60_000;
const nothing = (): void => undefined;
const upgrade = (socket: Socket): void => void new RawPeer(socket).upgrade();
const NAMED = "ws://venue.test/";

const CONNECTING: readonly Moment[] = [
  {
    name: "the AuthSource thinks",
    url: NAMED,
    options: "auth: { authorize: () => (reached(), new Promise(() => undefined)) }",
    known: "by the program",
  },
  {
    name: "DNS does not answer",
    url: NAMED,
    options: "socket: { lookup: () => reached() }",
    known: "by the program",
  },
  { name: "TLS shakes hands", scheme: "wss", serve: nothing, known: "by the server" },
  { name: "the upgrade is not answered", serve: nothing, known: "by the server" },
  {
    name: "half a head has come",
    serve: (socket) => void socket.write("HTTP/1.1 101 Switching Protocols\r\nUpg"),
    known: "by the server",
  },
  {
    name: "a backoff runs",
    options: `config: { backoff: { minMs: ${LONG}, maxMs: ${LONG} } },
      tracer: { trace: ({ kind }) => { if (kind === "failure") reached(); } }`,
    serve: (socket) => socket.resetAndDestroy(),
    known: "by the program",
  },
  {
    name: "the attempt gate holds it back",
    url: NAMED,
    // The gate's one slot is taken by another.
    options: `config: { attempts: { max: 1, windowMs: ${LONG} } },
      gate: (() => {
        const gate = new oath.AttemptGate();
        const now = performance.now();
        const limit = { max: 1, windowMs: ${LONG} };
        const request = { url, limit, asked: false, provenUntil: -Infinity, now };
        gate.claim(gate.reserve(request, () => undefined), now);
        reached();
        return gate;
      })()`,
    known: "by the program",
  },
];

const OPEN: readonly Moment[] = [
  { name: "it is up and idle", serve: upgrade, also: "reached();", known: "by the program" },
  {
    name: "sends wait for a peer that does not read",
    serve: (socket) => void new RawPeer(socket).upgrade().then(() => socket.pause()),
    also: `feed.sink.send(new Uint8Array(15 * 1024 * 1024)).catch(({ code }) => console.log(code));
      reached();`,
    known: "by the program",
  },
  {
    name: "sends wait for the rate limit",
    options: `config: { send: { rateLimit: { max: 1, windowMs: ${LONG} } } }`,
    serve: upgrade,
    also: `await feed.sink.send("1");
      feed.sink.send("2").catch(({ code }) => console.log(code));
      reached();`,
    known: "by the program",
  },
  {
    name: "a reader, a watcher and a listener wait",
    serve: upgrade,
    also: `feed.lifecycle.subscribe(() => undefined);
      (async () => { for await (const _ of feed.lifecycle); })();
      (async () => { for await (const _ of feed.source); })();
      reached();`,
    known: "by the program",
  },
];

/** The server of a moment. */
async function stage({ url, serve = nothing, scheme = "ws" }: Moment): Promise<{
  readonly url: string;
  readonly served: Promise<void>;
  readonly left: () => Promise<unknown>;
}> {
  const server = await rawServer();
  const served = (async () => {
    const socket = await server.next();
    const [head] = (await once(socket, "data")) as [Buffer];
    // A caller that upgrades wants to read the request itself.
    socket.unshift(head);
    serve(socket);
  })();
  return {
    url: url ?? server.url.replace("ws:", `${scheme}:`),
    served,
    left: () => Promise.all(server.accepted.map((socket) => gone(socket.resume()))),
  };
}

/**
 * Lets a process live through the moments and do `last` in each, which sees `feed`, a promise of it
 * as `opening`, and `controller`.
 */
async function live(
  leaf: string,
  moments: readonly Moment[],
  last: string,
): Promise<{ code: number | null; out: readonly string[] }> {
  const stages = await Promise.all(moments.map(stage));
  const parts = moments.map(
    ({ name, options = "", also }, index) => `(async () => {
      const url = ${JSON.stringify(stages[index]?.url)};
      const reached = () => say(${JSON.stringify(name)});
      const controller = new AbortController();
      const { signal } = controller;
      const gate = new oath.AttemptGate();
      const opening = open(url, { transport: "${leaf}", gate, signal, ${options} });
      ${also === undefined ? "" : `const feed = await opening; ${also}`}
      await told;
      ${last}
    })()`,
  );
  const child = startChild(`
    const open = (url, options) => {
      // A dial that was forgotten must not be helped by its deadline.
      const config = { ...options.config, connect: { timeoutMs: ${LONG} } };
      const opening = oath.open(url, { ...options, config });
      opening.catch(() => undefined);
      return opening;
    };
    ${parts.join(";\n")};`);
  for (const [index, { name, known }] of moments.entries()) {
    await (known === "by the server" ? stages[index]?.served : child.said(name));
  }
  const ending = await child.end();
  await Promise.all(stages.map(({ left }) => left()));
  return ending;
}

it.each(LEAF_NAMES)(
  "a process ends when open() is aborted, whatever the %s leaf is waiting for",
  async (leaf) => {
    const { code, out } = await live(
      leaf,
      CONNECTING,
      `controller.abort(new Error("changed my mind"));
     await opening.catch(({ message }) => console.log(message));`,
    );
    expect(out).toEqual(CONNECTING.map(() => "changed my mind"));
    expect(code).toBe(0);
  },
  PATIENCE_MS,
);

it.each(LEAF_NAMES)(
  "a process ends after shutdown(), whatever the %s leaf is waiting for",
  async (leaf) => {
    const unawaited = CONNECTING.map((moment) => ({
      ...moment,
      options: `awaitFirst: false, ${moment.options ?? ""}`,
    }));
    const { code, out } = await live(
      leaf,
      [...unawaited, ...OPEN],
      `const { control, lifecycle } = await opening;
     await control.shutdown({ timeoutMs: 20 });
     console.log(lifecycle.snapshot.phase);`,
    );
    const ended = [...unawaited, ...OPEN].map(() => "closed");
    expect(out.toSorted()).toEqual(["SEND_FATE_UNKNOWN", "SHUT_DOWN", ...ended]);
    expect(code).toBe(0);
  },
  PATIENCE_MS,
);
