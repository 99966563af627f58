import { once } from "node:events";
import { build, open } from "oath-ws";
import type { Handshake, OpenOptions, PartialConfig, ReconnectingConnection } from "oath-ws";
import { LeafRecorder } from "@oath-ws/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { LEAF_NAMES, LEAVES } from "../hostile/support/hostile-row.js";
import type { LeafName } from "../hostile/support/hostile-row.js";
import { gone, RawPeer, rawServer } from "../support/raw-server.js";
import { CountingSignal } from "../support/seams.js";
import { outcomeOf, REASON } from "./support/outcome.js";

/** Never within a test. */
const LONG_MS = 3_600_000;
/** Small, for what has to be waited out. */
const SHORT_MS = 60;

const QUIET: PartialConfig = {
  liveness: { probeAfterMs: LONG_MS, staleAfterMs: LONG_MS + 1, deadAfterMs: LONG_MS + 2 },
  backoff: { minMs: LONG_MS, maxMs: LONG_MS },
};
/** A silent peer is found out soon, and then nothing more is tried. */
const STRICT: PartialConfig = {
  ...QUIET,
  liveness: { probeAfterMs: 10, staleAfterMs: 20, deadAfterMs: SHORT_MS },
};

interface Rig {
  readonly feed: ReconnectingConnection;
  readonly peer: RawPeer;
}

/** A connection that is up, to a server that answers nothing but the upgrade. */
async function up(leaf: LeafName, config: PartialConfig, options: OpenOptions = {}): Promise<Rig> {
  const server = await rawServer({ allowHalfOpen: true });
  const opening = open(server.url, { ...options, transport: leaf, config });
  const peer = new RawPeer(await server.next());
  await peer.upgrade();
  const feed = await opening;
  onTestFinished(() => feed.control.shutdown({ timeoutMs: 0 }));
  return { feed, peer };
}

/** More than the kernel takes for a peer that does not read. */
const TOO_MUCH = new Uint8Array(15 * 1024 * 1024);

/** A wait of the caller, begun; `ready` says when it is where it has to be. */
interface Wait {
  readonly outcome: Promise<string>;
}

interface Row {
  readonly wait: string;
  readonly begin: (rig: Rig, signal: CountingSignal | undefined) => Wait;
  /**
   * What becomes of it when the peer stays silent for ever, when the socket fails, when it is
   * aborted, and on shutdown.
   */
  readonly silent: string;
  readonly reset: string;
  readonly aborted: string | undefined;
  readonly shutdown: string;
}

const ROWS: readonly Row[] = [
  {
    wait: "a send that the peer does not read",
    begin: ({ feed, peer }, signal) => {
      peer.socket.pause();
      return { outcome: outcomeOf(feed.sink.send(TOO_MUCH, { signal })) };
    },
    silent: "SEND_FATE_UNKNOWN",
    reset: "SEND_FATE_UNKNOWN",
    // What the socket has cannot be called back: the abort changes nothing, and the end of the
    // connection settles it.
    aborted: "SEND_FATE_UNKNOWN",
    shutdown: "SEND_FATE_UNKNOWN",
  },
  {
    wait: "a send that waits for the rate limit",
    begin: ({ feed }, signal) => {
      void outcomeOf(feed.sink.send("the only one"));
      return { outcome: outcomeOf(feed.sink.send("the next one", { signal })) };
    },
    silent: "EPOCH_ENDED",
    reset: "EPOCH_ENDED",
    aborted: "aborted",
    shutdown: "SHUT_DOWN",
  },
  {
    wait: "sink.close() beside a send that the peer does not read",
    begin: ({ feed, peer }) => {
      peer.socket.pause();
      void outcomeOf(feed.sink.send(TOO_MUCH));
      return { outcome: outcomeOf(feed.sink.close()) };
    },
    silent: "resolved",
    reset: "resolved",
    // It takes no signal.
    aborted: undefined,
    shutdown: "resolved",
  },
  {
    wait: "readable()",
    begin: ({ feed }, signal) => ({ outcome: outcomeOf(feed.source.readable({ signal })) }),
    silent: "goes on",
    reset: "goes on",
    aborted: "aborted",
    shutdown: "resolved false",
  },
  {
    wait: "changed()",
    begin: ({ feed }, signal) => ({
      outcome: outcomeOf(feed.lifecycle.changed({ since: feed.lifecycle.snapshot, signal })),
    }),
    silent: "resolved true",
    reset: "resolved true",
    aborted: "aborted",
    shutdown: "resolved false",
  },
];

const LIMITED: PartialConfig = { send: { rateLimit: { max: 1, windowMs: LONG_MS } } };

/** A wait that outlives the connection ends with the handle. */
async function settledOrEnded({ outcome }: Wait, expected: string, { feed }: Rig): Promise<string> {
  if (expected !== "goes on") return outcome;
  while (feed.lifecycle.snapshot.downSince === undefined) await feed.lifecycle.changed();
  await feed.control.shutdown();
  return (await outcome) === "resolved false" ? "goes on" : outcome;
}

const CASES = LEAF_NAMES.flatMap((leaf) => ROWS.map((row) => ({ leaf, ...row })));

describe.each(CASES)("with a connection open over the $leaf leaf, $wait", ({ leaf, ...row }) => {
  const config = (base: PartialConfig): PartialConfig =>
    row.wait.includes("rate limit") ? { ...base, ...LIMITED } : base;

  it(`to a peer that is silent for ever: ${row.silent}`, async () => {
    const rig = await up(leaf, config(STRICT));
    const wait = row.begin(rig, undefined);
    expect(await settledOrEnded(wait, row.silent, rig)).toBe(row.silent);
  });

  it(`when the socket fails: ${row.reset}`, async () => {
    const rig = await up(leaf, config(QUIET));
    const wait = row.begin(rig, undefined);
    rig.peer.socket.resetAndDestroy();
    expect(await settledOrEnded(wait, row.reset, rig)).toBe(row.reset);
  });

  if (row.aborted !== undefined)
    it(`when it is aborted: ${row.aborted}`, async () => {
      const rig = await up(leaf, config(QUIET));
      const signal = new CountingSignal();
      const { outcome } = row.begin(rig, signal);
      signal.abort(REASON);
      if (row.aborted !== "aborted") rig.peer.socket.resetAndDestroy();
      expect(await outcome).toBe(row.aborted);
      expect(signal.listeners).toBe(0);
    });

  it(`on shutdown, though the peer does not answer the close: ${row.shutdown}`, async () => {
    const rig = await up(leaf, config(QUIET));
    const wait = row.begin(rig, undefined);
    await rig.feed.control.shutdown({ timeoutMs: SHORT_MS });
    expect(await wait.outcome).toBe(row.shutdown);
    expect(rig.feed.lifecycle.snapshot.phase).toBe("closed");
  });
});

describe.each(LEAF_NAMES)("a send while down, over the %s leaf,", (leaf) => {
  const ENDINGS = [
    { name: "fails at once unless told to wait", options: {}, expected: "NOT_CONNECTED" },
    {
      name: "gives up at its deadline",
      options: { whileDown: "wait", deadlineMs: 20 },
      expected: "SEND_DEADLINE",
    },
    {
      name: "is let go of by its signal",
      options: { whileDown: "wait", deadlineMs: LONG_MS },
      abort: true,
      expected: "aborted",
    },
    {
      name: "is rejected by shutdown",
      options: { whileDown: "wait", deadlineMs: LONG_MS },
      expected: "SHUT_DOWN",
    },
  ] as const;

  it.each(ENDINGS)("$name", async ({ options, expected, ...more }) => {
    const { feed, peer } = await up(leaf, QUIET);
    peer.socket.resetAndDestroy();
    while (feed.lifecycle.snapshot.downSince === undefined) await feed.lifecycle.changed();
    const signal = new CountingSignal();
    const sending = outcomeOf(feed.sink.send("x", { ...options, signal }));
    if ("abort" in more) signal.abort(REASON);
    if (expected === "SHUT_DOWN") await feed.control.shutdown();
    expect(await sending).toBe(expected);
    expect(signal.listeners).toBe(0);
  });
});

describe.each(LEAF_NAMES)("a closing handshake over the %s leaf", (leaf) => {
  const PEERS = [
    { name: "never answers", act: () => undefined },
    { name: "has stopped reading", act: (peer: RawPeer) => void peer.socket.pause() },
    {
      name: "answers with half a frame",
      act: (peer: RawPeer) => void peer.socket.write(Buffer.from([0x88, 2, 3])),
    },
    {
      name: "goes on sending",
      act: (peer: RawPeer) => void peer.socket.write(Buffer.from([0x81, 1, 0x61])),
    },
    { name: "ends TCP instead", act: (peer: RawPeer) => void peer.socket.end() },
    { name: "resets", act: (peer: RawPeer) => void peer.socket.resetAndDestroy() },
  ] as const;

  it.each(PEERS)("of shutdown with a peer that $name is over within its bound", async ({ act }) => {
    const { feed, peer } = await up(leaf, QUIET);
    const left = gone(peer.socket);
    const ending = feed.control.shutdown({ timeoutMs: SHORT_MS });
    act(peer);
    await ending;
    expect(feed.lifecycle.snapshot).toMatchObject({ phase: "closed", exhausted: false });
    peer.socket.resume().end();
    await left;
  });

  it.each(PEERS)(
    "of a bare leaf with a peer that $name is over within closeTimeoutMs",
    async ({ act }) => {
      const server = await rawServer({ allowHalfOpen: true });
      const connecting = LeafRecorder.connect(LEAVES[leaf]({ closeTimeoutMs: SHORT_MS }), {
        url: server.url,
        protocols: [],
        headers: {},
      });
      const peer = new RawPeer(await server.next());
      await peer.upgrade();
      const connection = await connecting;
      const left = gone(peer.socket);
      const closing = connection.close();
      act(peer);
      await closing;
      expect(connection.end).toEqual({ error: undefined });
      peer.socket.resume().end();
      await left;
    },
  );
});

describe.each(LEAF_NAMES)("readable() over the %s leaf", (leaf) => {
  it("rejects with the cause once there is nothing to hope for, and for ever after", async () => {
    const server = await rawServer();
    const handshake: Handshake = { url: server.url, protocols: [], headers: {} };
    const feed = await build({ transport: leaf, config: { attempts: { maxAttempts: 1 } } }).connect(
      handshake,
      { awaitFirst: false },
    );
    const reading = outcomeOf(feed.source.readable());
    (await server.next()).resetAndDestroy();
    expect(await reading).toBe("ATTEMPTS_EXHAUSTED < ECONNRESET");
    expect(await outcomeOf(feed.source.readable())).toBe("ATTEMPTS_EXHAUSTED < ECONNRESET");
    expect(await outcomeOf(feed.lifecycle.changed())).toBe("resolved false");
    await feed.control.shutdown();
  });

  it("gives what has come before it tells of the end", async () => {
    const { feed, peer } = await up(leaf, QUIET);
    peer.socket.write(Buffer.from([0x81, 1, 0x61]));
    await feed.source.readable();
    const left = once(peer.socket, "close");
    const ending = feed.control.shutdown({ timeoutMs: 0 });
    expect(await outcomeOf(feed.source.readable())).toBe("resolved true");
    expect(feed.source.take()?.text()).toBe("a");
    expect(await outcomeOf(feed.source.readable())).toBe("resolved false");
    await ending;
    peer.socket.end();
    await left;
  });
});
