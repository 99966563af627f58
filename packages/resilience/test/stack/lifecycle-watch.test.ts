import type { LifecycleSnapshot, Phase, ReconnectingConnection } from "@oath-ws/contract";
import { refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { watch } from "./support/outcome.js";
import type { Outcome } from "./support/outcome.js";
import { HANDSHAKE, Rig, takeAll } from "./support/rig.js";

const REASON = new Error("enough");

/** Iterates over the lifecycle until it ends. */
function follow(connection: ReconnectingConnection): { phases: Phase[]; done: boolean } {
  const followed = { phases: [] as Phase[], done: false };
  void (async () => {
    for await (const snapshot of connection.lifecycle) followed.phases.push(snapshot.phase);
    followed.done = true;
  })();
  return followed;
}

const ENDS: {
  phase: Phase;
  exhausted: boolean;
  code: string | undefined;
  make: () => Rig;
  end: (rig: Rig, c: ReconnectingConnection) => void;
}[] = [
  {
    phase: "closed",
    exhausted: false,
    code: undefined,
    make: () => new Rig(),
    end: (_, connection) => void connection.control.shutdown(),
  },
  {
    phase: "unrecoverable",
    exhausted: false,
    code: "UPGRADE_REFUSED",
    make: () => new Rig({ config: { attempts: { permanentForMs: false } } }),
    end: (rig) => {
      rig.leaf.otherwise = refuse({ status: 403 });
      rig.peer.reset();
    },
  },
  {
    phase: "closed",
    exhausted: true,
    code: "ECONNREFUSED",
    make: () => new Rig({ config: { attempts: { maxAttempts: 3 } } }),
    end: (rig) => {
      rig.leaf.otherwise = refuse({ code: "ECONNREFUSED" });
      rig.peer.reset();
    },
  },
];

describe.each(ENDS)(
  "a lifecycle that ends in $phase (exhausted: $exhausted)",
  ({ phase, exhausted, code, make, end }) => {
    it("ends every wait, iteration and subscription with that snapshot", async () => {
      const rig = make();
      const connection = await rig.up();
      const followed = follow(connection);
      const heard: LifecycleSnapshot[] = [];
      connection.lifecycle.subscribe(() => heard.push(connection.lifecycle.snapshot));
      const answers: boolean[] = [];
      const wait = async (): Promise<void> => {
        for (let more = true; more; ) {
          more = await connection.lifecycle.changed();
          answers.push(more);
        }
      };
      const waited = watch(wait());
      end(rig, connection);
      await rig.world.run(120_000);
      expect(connection.lifecycle.snapshot).toMatchObject({ phase, exhausted });
      expect(connection.lifecycle.snapshot.cause?.code).toBe(code);
      expect(connection.lifecycle.snapshot.downSince).toBeDefined();
      expect(waited.state).toBe("resolved");
      expect(answers.filter((more) => !more)).toHaveLength(1);
      expect(followed.done).toBe(true);
      expect(followed.phases[0]).toBe("connected");
      expect(followed.phases.at(-1)).toBe(phase);
      expect(heard.at(-1)).toBe(connection.lifecycle.snapshot);
      rig.expectNothingLeft();
    });

    it("answers at once afterwards, and never changes again", async () => {
      const rig = make();
      const connection = await rig.up();
      end(rig, connection);
      await rig.world.run(120_000);
      const last = connection.lifecycle.snapshot;
      const first = connection.lifecycle.changed();
      const late = follow(connection);
      const calls: number[] = [];
      connection.lifecycle.subscribe(() => calls.push(1));
      connection.trigger.forceReconnect("too late");
      const shut = watch(connection.control.shutdown());
      await rig.world.run(120_000);
      await expect(first).resolves.toBe(false);
      await expect(connection.lifecycle.changed({ since: { ...last } })).resolves.toBe(false);
      expect(late).toEqual({ phases: [phase], done: true });
      expect(calls).toEqual([]);
      expect(shut.state).toBe("resolved");
      expect(connection.lifecycle.snapshot).toBe(last);
      rig.expectNothingLeft();
    });
  },
);

describe("changed()", () => {
  it("resolves when the snapshot moves and not before", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const changed = watch(connection.lifecycle.changed());
    rig.peer.text("data is no change");
    await rig.world.run(1_000);
    takeAll(connection);
    await rig.world.run(30_000);
    expect(changed.state).toBe("pending");
    rig.peer.reset();
    await rig.world.settle();
    expect(changed).toMatchObject({ state: "resolved", value: true });
  });

  it("resolves at once when the caller has missed something", async () => {
    const rig = new Rig();
    const connection = await rig.start();
    const since = connection.lifecycle.snapshot;
    await rig.untilEpoch(connection, 1);
    await expect(connection.lifecycle.changed({ since })).resolves.toBe(true);
  });

  it("rejects with the signal's reason, before and while waiting, and holds on to nothing", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const controller = new AbortController();
    const waiting = watch(connection.lifecycle.changed({ signal: controller.signal }));
    await rig.world.settle();
    controller.abort(REASON);
    await rig.world.settle();
    expect(waiting).toMatchObject({ state: "rejected", reason: REASON });
    await expect(connection.lifecycle.changed({ signal: controller.signal })).rejects.toBe(REASON);
    rig.peer.reset();
    await rig.world.run(1_000);
  });
});

describe("iteration", () => {
  it("skips what a slow iterator had no time for, but ends on the newest", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const iterator = connection.lifecycle[Symbol.asyncIterator]();
    await expect(iterator.next()).resolves.toMatchObject({ value: { epoch: 1 } });
    for (let epoch = 2; epoch <= 9; epoch++) {
      rig.peer.reset();
      await rig.untilEpoch(connection, epoch);
      await rig.world.run(60_000);
    }
    await expect(iterator.next()).resolves.toMatchObject({ value: { epoch: 9, phase: "resumed" } });
    await rig.world.complete(connection.control.shutdown());
    await expect(iterator.next()).resolves.toMatchObject({
      done: false,
      value: { phase: "closed" },
    });
    await expect(iterator.next()).resolves.toMatchObject({ done: true });
  });

  it("may be left, by any number of watchers", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    for (let i = 0; i < 3; i++) {
      for await (const snapshot of connection.lifecycle) {
        expect(snapshot.phase).toBe("connected");
        break;
      }
    }
    expect(connection.lifecycle.snapshot.phase).toBe("connected");
    await rig.world.complete(connection.control.shutdown());
    rig.expectNothingLeft();
  });
});

describe("subscribe()", () => {
  it("tells several changes of one turn together, and never inside the actor's own turn", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const before = rig.traced("transition").length;
    const calls: Phase[] = [];
    connection.lifecycle.subscribe(() => calls.push(connection.lifecycle.snapshot.phase));
    rig.world.spawn.drain();
    void rig.peer.close(1001);
    const shutdown = connection.control.shutdown();
    expect(rig.world.spawn.turn()).toBe(true);
    expect(rig.traced("transition").length).toBeGreaterThanOrEqual(before + 2);
    expect(calls).toEqual([]);
    rig.world.spawn.drain();
    expect(calls).toEqual(["closed"]);
    await rig.world.complete(shutdown);
  });

  it("survives a listener that throws, tells the tracer and calls the others", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const calls: string[] = [];
    connection.lifecycle.subscribe(() => {
      throw REASON;
    });
    connection.lifecycle.subscribe(() => calls.push("second"));
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    await rig.world.settle();
    expect(calls.length).toBeGreaterThan(0);
    expect(rig.traced("fault")[0]).toMatchObject({ where: "listener", error: REASON });
    expect(connection.lifecycle.snapshot.phase).toBe("resumed");
  });

  it("lets a listener force a reconnect, send, unsubscribe itself and shut down", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const sent: Outcome<void>[] = [];
    const unsubscribe = connection.lifecycle.subscribe(() => {
      const { epoch, phase } = connection.lifecycle.snapshot;
      if (phase !== "resumed") return;
      sent.push(watch(connection.sink.send(`login ${epoch}`)));
      if (epoch < 4) connection.trigger.forceReconnect();
      else {
        unsubscribe();
        void connection.control.shutdown();
      }
    });
    connection.trigger.forceReconnect();
    await rig.untilPhase(connection, "closed");
    await rig.world.settle();
    expect(sent.map(({ state }) => state)).not.toContain("pending");
    expect(rig.leaf.peers.slice(1).map(({ receivedTexts }) => receivedTexts)).toEqual([
      ["login 2"],
      ["login 3"],
      ["login 4"],
    ]);
    rig.expectNothingLeft();
  });

  it("leaves no task behind when the last listener has gone before the end", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const unsubscribe = connection.lifecycle.subscribe(() => undefined);
    await rig.world.settle();
    unsubscribe();
    await rig.world.complete(connection.control.shutdown());
    rig.expectNothingLeft();
  });
});

describe("awaitFirst", () => {
  it("returns at once in phase connecting, before anything is dialled", async () => {
    const rig = new Rig();
    const connection = await rig.connector.connect(HANDSHAKE, { awaitFirst: false });
    expect(connection.lifecycle.snapshot.phase).toBe("connecting");
    expect(rig.leaf.dials).toEqual([]);
  });
});
