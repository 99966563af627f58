import type { Handshake, ReconnectingConnection, WsConnector } from "@oath-ws/contract";
import { stack } from "@oath-ws/resilience";
import type { PartialConfig } from "@oath-ws/resilience";
import { accept, createWorld, hang, MockConnector, refuse } from "@oath-ws/testing";
import type { DialStep, World } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { outcomeOf, REASON } from "./support/outcome.js";

// The same waits as over real sockets, where the bound can be told to the millisecond: the
// documented figure, and nothing later.

const CONFIG = {
  connect: { timeoutMs: 700 },
  attempts: { maxAttempts: 1 },
  liveness: { probeAfterMs: 1_000, staleAfterMs: 2_000, deadAfterMs: 3_000 },
  shutdown: { timeoutMs: 500 },
  send: { rateLimit: { max: 1, windowMs: 60_000 } },
} as const satisfies PartialConfig;

const URL: Handshake = { url: "ws://venue.test/", protocols: [], headers: {} };

interface Scene {
  readonly world: World;
  readonly leaf: MockConnector;
  readonly feed: ReconnectingConnection;
}

async function scene(
  dial: DialStep,
  {
    wrap,
    config,
  }: { wrap?: (leaf: WsConnector) => WsConnector; config?: PartialConfig | undefined } = {},
): Promise<Scene> {
  const world = createWorld();
  const leaf = new MockConnector(world, { otherwise: dial });
  const { timer, spawn, random, newId } = world;
  const connector = stack({
    leaf: wrap?.(leaf) ?? leaf,
    timer,
    spawn,
    random,
    newId,
    config: { ...CONFIG, ...config },
  });
  const feed = await connector.connect(URL, { awaitFirst: false });
  await world.settle();
  return { world, leaf, feed };
}

/** Takes no notice of its signal, and comes too late. */
function deaf(leaf: WsConnector): WsConnector {
  return { connect: (handshake, events) => leaf.connect(handshake, events) };
}

interface Row {
  readonly wait: string;
  readonly dial: DialStep;
  readonly begin: (scene: Scene) => Promise<unknown>;
  /** What is done to the rest of the world, once the wait has begun. */
  readonly event: string;
  readonly cause: (scene: Scene) => void;
  readonly expected: string;
  readonly config?: PartialConfig;
  /** When it settles, in milliseconds after the cause. */
  readonly afterMs: number;
}

const nothing = (): void => undefined;
const shutdown = ({ feed }: Scene): void => void feed.control.shutdown();
const reset = ({ leaf }: Scene): void => leaf.current?.reset();
const silence = ({ leaf }: Scene): void => leaf.current?.goSilent();
const deafToClose = ({ leaf }: Scene): void => {
  if (leaf.current !== undefined) leaf.current.answerClose = false;
};

const unread = ({ feed, leaf }: Scene): Promise<void> => {
  leaf.current?.stopReading();
  return feed.sink.send("x");
};
const limited = ({ feed }: Scene): Promise<void> => {
  void outcomeOf(feed.sink.send("the only one of this minute"));
  return feed.sink.send("x");
};
const waiting = ({ feed }: Scene): Promise<void> =>
  feed.sink.send("x", { whileDown: "wait", deadlineMs: 300 });
const readable = ({ feed }: Scene): Promise<boolean> => feed.source.readable();
const ended = async ({ feed }: Scene): Promise<string> => {
  while (await feed.lifecycle.changed());
  return feed.lifecycle.snapshot.phase;
};
const closing = (rig: Scene): Promise<void> => {
  void outcomeOf(unread(rig));
  return rig.feed.sink.close();
};
const shuttingDown = (rig: Scene): Promise<void> => {
  deafToClose(rig);
  return rig.feed.control.shutdown();
};

const UP = accept();
const FAILED = refuse({ code: "ECONNREFUSED" }, { afterMs: 250 });
const DEAD = CONFIG.liveness.deadAfterMs;

const ROWS: readonly Row[] = [
  {
    wait: "readable()",
    dial: hang(),
    begin: readable,
    event: "the dial hangs",
    cause: nothing,
    expected: "ATTEMPTS_EXHAUSTED < CONNECT_TIMEOUT",
    afterMs: 700,
  },
  {
    wait: "readable()",
    dial: FAILED,
    begin: readable,
    event: "the dial fails",
    cause: nothing,
    expected: "ATTEMPTS_EXHAUSTED < ECONNREFUSED",
    afterMs: 250,
  },
  {
    wait: "readable()",
    dial: hang(),
    begin: readable,
    event: "shutdown during the dial",
    cause: shutdown,
    expected: "resolved false",
    afterMs: 0,
  },
  {
    wait: "changed()",
    dial: hang(),
    begin: ended,
    event: "the dial hangs",
    cause: nothing,
    expected: "resolved",
    afterMs: 700,
  },
  {
    wait: "changed()",
    dial: hang(),
    begin: ended,
    event: "shutdown during the dial",
    cause: shutdown,
    expected: "resolved",
    afterMs: 0,
  },
  {
    wait: "a waiting send",
    dial: hang(),
    begin: waiting,
    event: "the dial hangs",
    cause: nothing,
    expected: "SEND_DEADLINE",
    afterMs: 300,
  },
  {
    wait: "a waiting send",
    dial: FAILED,
    begin: waiting,
    event: "the dial fails",
    cause: nothing,
    expected: "NOT_CONNECTED",
    afterMs: 250,
  },
  {
    wait: "a waiting send",
    dial: hang(),
    begin: waiting,
    event: "shutdown during the dial",
    cause: shutdown,
    expected: "SHUT_DOWN",
    afterMs: 0,
  },
  {
    wait: "a send that is not read",
    dial: UP,
    begin: unread,
    event: "silence",
    cause: silence,
    expected: "SEND_FATE_UNKNOWN",
    afterMs: DEAD,
  },
  {
    wait: "a send that is not read",
    dial: UP,
    begin: unread,
    event: "a reset",
    cause: reset,
    expected: "SEND_FATE_UNKNOWN",
    afterMs: 0,
  },
  {
    wait: "a send that is not read",
    dial: UP,
    begin: unread,
    event: "shutdown without an answer",
    cause: (rig) => void outcomeOf(shuttingDown(rig)),
    expected: "SEND_FATE_UNKNOWN",
    afterMs: 500,
  },
  {
    wait: "a send behind the limit",
    dial: UP,
    begin: limited,
    event: "silence",
    cause: silence,
    expected: "EPOCH_ENDED",
    afterMs: DEAD,
  },
  {
    wait: "a send behind the limit",
    dial: UP,
    begin: limited,
    event: "a reset",
    cause: reset,
    expected: "EPOCH_ENDED",
    afterMs: 0,
  },
  {
    wait: "a send behind the limit",
    dial: UP,
    begin: limited,
    event: "shutdown",
    cause: shutdown,
    expected: "SHUT_DOWN",
    afterMs: 0,
  },
  {
    wait: "a send behind the limit",
    dial: UP,
    begin: limited,
    event: "nothing",
    cause: nothing,
    expected: "resolved",
    // Shorter than the silence before a probe, which would be charged to the window as well.
    config: { send: { rateLimit: { max: 1, windowMs: 800 } } },
    afterMs: 900,
  },
  {
    wait: "sink.close()",
    dial: UP,
    begin: closing,
    event: "silence",
    cause: silence,
    expected: "resolved",
    afterMs: DEAD,
  },
  {
    wait: "sink.close()",
    dial: UP,
    begin: closing,
    event: "a reset",
    cause: reset,
    expected: "resolved",
    afterMs: 0,
  },
  {
    wait: "shutdown()",
    dial: UP,
    begin: shuttingDown,
    event: "no answer to the close",
    cause: nothing,
    expected: "resolved",
    afterMs: 500,
  },
  {
    wait: "shutdown()",
    dial: UP,
    begin: shuttingDown,
    event: "a reset",
    cause: reset,
    expected: "resolved",
    afterMs: 0,
  },
  {
    wait: "shutdown()",
    dial: hang(),
    begin: shuttingDown,
    event: "the dial hangs",
    cause: nothing,
    expected: "resolved",
    afterMs: 0,
  },
];

describe("in virtual time", () => {
  it.each(ROWS)(
    "$wait and $event: $expected after $afterMs ms",
    async ({ dial, begin, cause, expected, afterMs, config }) => {
      const rig = await scene(dial, { config });
      const { world, leaf, feed } = rig;
      let settledAt: number | undefined;
      const outcome = outcomeOf(begin(rig)).finally(() => {
        settledAt = world.timer.now();
      });
      cause(rig);
      const since = world.timer.now();
      expect(await world.complete(outcome, afterMs)).toBe(expected);
      expect(settledAt).toBe(since + afterMs);
      await world.complete(feed.control.shutdown(), CONFIG.shutdown.timeoutMs);
      await world.settle();
      expect({ timers: world.timer.pendingCount, sockets: leaf.openSockets }).toEqual({
        timers: 0,
        sockets: 0,
      });
    },
  );

  it.each(["before", "after"] as const)(
    "a leaf that is deaf to its signal and connects %s its time is up costs no caller a wait",
    async (when) => {
      const { world, leaf, feed } = await scene(
        accept({ afterMs: when === "before" ? 100 : 5_000 }),
        { wrap: deaf },
      );
      const reading = outcomeOf(feed.source.readable());
      await world.complete(feed.control.shutdown(), 0);
      expect(await world.complete(reading, 0)).toBe("resolved false");
      // The late connection has no owner, and is destroyed.
      await world.run(6_000);
      expect({ timers: world.timer.pendingCount, sockets: leaf.openSockets }).toEqual({
        timers: 0,
        sockets: 0,
      });
    },
  );

  it.each([
    {
      wait: "readable()",
      begin: ({ feed }: Scene, signal: AbortSignal) => feed.source.readable({ signal }),
    },
    {
      wait: "changed()",
      begin: ({ feed }: Scene, signal: AbortSignal) => feed.lifecycle.changed({ signal }),
    },
    {
      wait: "a waiting send",
      begin: ({ feed }: Scene, signal: AbortSignal) =>
        feed.sink.send("x", { whileDown: "wait", signal }),
    },
  ])(
    "$wait is let go of by its signal in that very turn, at whatever moment",
    async ({ begin }) => {
      for (const atMs of [0, 1, 350, 699]) {
        const rig = await scene(hang());
        const controller = new AbortController();
        const outcome = outcomeOf(begin(rig, controller.signal));
        await rig.world.run(atMs);
        controller.abort(REASON);
        expect(await rig.world.complete(outcome, 0)).toBe("aborted");
      }
    },
  );
});
