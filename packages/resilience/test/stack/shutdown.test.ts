import type { Handshake, ReconnectingConnection } from "@oath-ws/contract";
import { accept, hang, refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { codeOf, watch } from "./support/outcome.js";
import { startReader } from "./support/reader.js";
import { HANDSHAKE, Rig, takeAll, texts } from "./support/rig.js";

const TIMEOUT_MS = 5_000; // shutdown.timeoutMs

interface Scene {
  readonly name: string;
  /** How long shutdown may take in virtual time. */
  readonly withinMs: number;
  readonly make: () => Rig;
  /** Brings the connection into the scene's phase. */
  readonly arrange: (rig: Rig, connection: ReconnectingConnection) => Promise<void>;
}

const never = new Promise<Handshake>(() => undefined);
const down = async (rig: Rig, connection: ReconnectingConnection): Promise<void> => {
  await rig.untilEpoch(connection, 1);
  rig.leaf.otherwise = refuse({ code: "ECONNREFUSED" });
  rig.peer.reset();
  await rig.world.settle();
};

const SCENES: readonly Scene[] = [
  {
    name: "before the first turn",
    withinMs: 0,
    make: () => new Rig(),
    arrange: () => Promise.resolve(),
  },
  {
    name: "during a dial that hangs",
    withinMs: 0,
    make: () => new Rig({ otherwise: hang() }),
    arrange: (rig) => rig.world.run(3_000),
  },
  {
    name: "during an AuthSource that hangs",
    withinMs: 0,
    make: () => new Rig({ auth: { authorize: () => never } }),
    arrange: (rig) => rig.world.run(3_000),
  },
  {
    name: "in the backoff before the first connection",
    withinMs: 0,
    make: () => new Rig({ otherwise: refuse({ status: 503 }) }),
    arrange: (rig) => rig.world.run(60_000),
  },
  {
    name: "while waiting for a Retry-After",
    withinMs: 0,
    make: () => new Rig({ otherwise: refuse({ status: 429, retryAfterMs: 600_000 }) }),
    arrange: (rig) => rig.world.run(60_000),
  },
  {
    name: "while waiting for the attempt gate",
    withinMs: 0,
    make: () => new Rig({ config: { attempts: { max: 1, windowMs: 600_000 } } }),
    arrange: async (rig, connection) => {
      await rig.untilEpoch(connection, 1);
      rig.peer.reset();
      await rig.world.run(60_000);
    },
  },
  {
    name: "while connected",
    withinMs: 0,
    make: () => new Rig(),
    arrange: (rig, connection) => rig.untilEpoch(connection, 1),
  },
  {
    name: "while connected to a peer that never answers the close",
    withinMs: TIMEOUT_MS,
    make: () => new Rig({ mock: { answerClose: false } }),
    arrange: (rig, connection) => rig.untilEpoch(connection, 1),
  },
  {
    name: "while connected to a peer that does not read",
    withinMs: TIMEOUT_MS,
    make: () => new Rig(),
    arrange: async (rig, connection) => {
      await rig.untilEpoch(connection, 1);
      rig.peer.stopReading();
      watch(connection.sink.send("stuck"));
    },
  },
  {
    name: "while stale",
    withinMs: TIMEOUT_MS,
    make: () => new Rig(),
    arrange: async (rig, connection) => {
      await rig.untilEpoch(connection, 1);
      rig.peer.goSilent();
      await rig.untilPhase(connection, "stale");
    },
  },
  { name: "while reconnecting", withinMs: 0, make: () => new Rig(), arrange: down },
  {
    name: "while resumed",
    withinMs: 0,
    make: () => new Rig(),
    arrange: async (rig, connection) => {
      await rig.untilEpoch(connection, 1);
      rig.peer.reset();
      await rig.untilEpoch(connection, 2);
    },
  },
];

describe.each(SCENES)("shutdown $name", ({ make, arrange, withinMs }) => {
  it("ends everything in time: source, waits, timers, socket, and no attempt follows", async () => {
    const rig = make();
    const connection = await rig.start();
    await arrange(rig, connection);
    const reader = startReader(connection, rig.world);
    const waits = [
      watch(connection.lifecycle.changed({ since: connection.lifecycle.snapshot })),
      watch(connection.sink.send("x", { whileDown: "wait" })),
    ];
    const startedAt = rig.now;
    const ended = watch(connection.control.shutdown());
    await rig.world.run(withinMs);
    expect(ended.state).toBe("resolved");
    expect(rig.now - startedAt).toBe(withinMs);
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "closed", exhausted: false });
    expect(reader.state).toBe("ended");
    expect(waits.map(({ state }) => state)).not.toContain("pending");
    rig.expectNothingLeft();
    const dials = rig.leaf.dials.length;
    connection.trigger.forceReconnect("zombie");
    await rig.world.run(3_600_000);
    expect(rig.leaf.dials).toHaveLength(dials);
    rig.expectNothingLeft();
  });

  it("may be called again and again, and gives the same promise", async () => {
    const rig = make();
    const connection = await rig.start();
    await arrange(rig, connection);
    const first = connection.control.shutdown();
    const second = connection.control.shutdown({ timeoutMs: 60_000 });
    expect(second).toBe(first);
    await rig.world.complete(first);
    expect(connection.control.shutdown()).toBe(first);
    await rig.world.complete(connection[Symbol.asyncDispose]());
    rig.expectNothingLeft();
  });

  it("at zero patience is over at once", async () => {
    const rig = make();
    const connection = await rig.start();
    await arrange(rig, connection);
    const ended = watch(connection.control.shutdown({ timeoutMs: 0 }));
    await rig.world.settle();
    expect(ended.state).toBe("resolved");
    rig.expectNothingLeft();
  });
});

describe("the closing handshake", () => {
  it("carries the code and reason, and waits for the peer's answer", async () => {
    const rig = new Rig({ mock: { reactAfterMs: 300 } });
    const connection = await rig.up();
    const { peer } = rig;
    const ended = watch(connection.control.shutdown({ code: 4001, reason: "end of day" }));
    await rig.world.run(299);
    expect(ended.state).toBe("pending");
    await rig.world.run(1);
    expect(ended.state).toBe("resolved");
    expect(peer).toMatchObject({
      closeFrameReceived: { code: 4001, reason: "end of day" },
      destroyedByClient: false,
    });
  });

  it("delivers what the peer still sends meanwhile, and then the end", async () => {
    const rig = new Rig({ mock: { reactAfterMs: 1_000 } });
    const connection = await rig.up();
    rig.peer.text("before");
    const ended = connection.control.shutdown();
    await rig.world.run(500);
    rig.peer.text("during");
    await rig.world.complete(ended);
    expect(texts(takeAll(connection))).toEqual(["before", "during"]);
    await expect(connection.source.readable()).resolves.toBe(false);
  });

  it("hands out every frame that was buffered before it ends the source", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    for (let i = 0; i < 1_000; i++) rig.peer.text(`${i}`);
    await rig.world.complete(connection.control.shutdown());
    const reader = startReader(connection, rig.world, 10);
    await rig.world.run(20_000);
    expect(reader).toMatchObject({ state: "ended" });
    expect(reader.frames).toHaveLength(1_000);
  });

  it.each(["reset", "close"] as const)(
    "is over when the peer ends the connection by %s instead of answering",
    async (how) => {
      const rig = new Rig({ mock: { answerClose: false } });
      const connection = await rig.up();
      const ended = watch(connection.control.shutdown());
      await rig.world.run(100);
      rig.peer[how]();
      await rig.world.settle();
      expect(ended.state).toBe("resolved");
      expect(connection.lifecycle.snapshot.phase).toBe("closed");
      rig.expectNothingLeft();
    },
  );

  it("refuses options that make no sense, and then nothing has ended", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const bad = [
      { timeoutMs: -1 },
      { timeoutMs: Number.NaN },
      { code: 1006 },
      { code: 1005, reason: "why" },
      { reason: "x".repeat(124) },
    ];
    const refused = bad.map((options) => watch(connection.control.shutdown(options)));
    await rig.world.run(1_000);
    expect(refused.map(codeOf)).toEqual(bad.map(() => "CONFIG_INVALID"));
    expect(connection.lifecycle.snapshot.phase).toBe("connected");
    await rig.world.complete(connection.control.shutdown());
  });
});

describe("other ways to the end", () => {
  it("await using shuts down at the end of the block", async () => {
    const rig = new Rig();
    const run = async (): Promise<ReconnectingConnection> => {
      await using connection = await rig.connector.connect(HANDSHAKE);
      await connection.sink.send("hello");
      return connection;
    };
    const connection = await rig.world.complete(run());
    expect(rig.leaf.peers[0]?.receivedTexts).toEqual(["hello"]);
    expect(connection.lifecycle.snapshot.phase).toBe("closed");
    rig.expectNothingLeft();
  });

  it("await using shuts down when the block throws", async () => {
    const rig = new Rig({ mock: { answerClose: false } });
    const run = async (): Promise<void> => {
      await using connection = await rig.connector.connect(HANDSHAKE);
      throw new Error(connection.lifecycle.snapshot.phase);
    };
    await expect(rig.world.complete(run())).rejects.toThrow("connected");
    rig.expectNothingLeft();
  });

  it.each([
    { name: "hangs", otherwise: hang() },
    { name: "is refused", otherwise: refuse({ code: "ECONNREFUSED" }) },
    { name: "is slow", otherwise: accept({ afterMs: 5_000 }) },
  ])(
    "aborting connect() while the dial $name rejects with the reason and leaves nothing",
    async ({ otherwise }) => {
      const rig = new Rig({ otherwise });
      const controller = new AbortController();
      const connecting = watch(rig.connector.connect(HANDSHAKE, { signal: controller.signal }));
      await rig.world.run(3_000);
      const reason = new Error("closing the window");
      controller.abort(reason);
      await rig.world.settle();
      expect(connecting).toMatchObject({ state: "rejected", reason });
      rig.expectNothingLeft();
      await expect(rig.connector.connect(HANDSHAKE, { signal: controller.signal })).rejects.toBe(
        reason,
      );
      rig.expectNothingLeft();
    },
  );

  it("aborting after connect() has settled does nothing", async () => {
    const rig = new Rig();
    const controller = new AbortController();
    const connection = await rig.up(HANDSHAKE, { signal: controller.signal });
    controller.abort();
    await rig.world.run(1_000);
    expect(connection.lifecycle.snapshot.phase).toBe("connected");
  });
});

describe("forceReconnect", () => {
  it("coalesces: many calls make one new connection", async () => {
    const rig = new Rig({ otherwise: accept({ afterMs: 100 }) });
    const connection = await rig.up();
    for (let i = 0; i < 10; i++) connection.trigger.forceReconnect(`call ${i}`);
    await rig.world.run(50);
    for (let i = 0; i < 10; i++) connection.trigger.forceReconnect("while dialling");
    await rig.world.run(10_000);
    expect(rig.leaf.dials).toHaveLength(2);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "resumed",
      epoch: 2,
      cause: { code: "FORCED", epoch: 1 },
    });
    expect(connection.lifecycle.snapshot.cause?.message).toContain("call 0");
  });

  it("skips the backoff but never the gate", async () => {
    const rig = new Rig({
      config: { attempts: { max: 3, windowMs: 60_000 } },
      script: [accept(), refuse({ status: 500 }), accept()],
    });
    const connection = await rig.up();
    await rig.world.run(10_000);
    rig.peer.reset();
    await rig.world.runUntil(() => rig.leaf.dials[1]?.outcome === "refused");
    const at = rig.now;
    connection.trigger.forceReconnect();
    await rig.world.settle();
    expect(connection.lifecycle.snapshot.epoch).toBe(2);
    expect(rig.now).toBe(at);
    connection.trigger.forceReconnect();
    await rig.world.run(59_999 - rig.now);
    expect(rig.leaf.dials).toHaveLength(3);
    await rig.world.run(1);
    expect(rig.leaf.dials).toHaveLength(4);
  });

  it("keeps at most one socket: the old one is gone before the new one is dialled", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    for (let epoch = 2; epoch <= 10; epoch++) {
      connection.trigger.forceReconnect();
      await rig.untilEpoch(connection, epoch);
    }
    expect(rig.leaf.maxOpenSockets).toBe(1);
  });
});
