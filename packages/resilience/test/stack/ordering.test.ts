import type { AuthContext, Handshake, LeafConnection, WsConnector } from "@oath-ws/contract";
import { accept, hang, refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { ForwardedEvents } from "../../src/primitives/forwarded-events.js";
import { watch } from "./support/outcome.js";
import { CONNECT_MS, HANDSHAKE, Rig } from "./support/rig.js";

describe("connect axis: tracing > reconnect > timeout > auth > leaf", () => {
  it("reports an attempt before the AuthSource is asked, and the failure after the leaf's", async () => {
    const order: string[] = [];
    const rig = new Rig({
      script: [refuse({ code: "ECONNREFUSED" }), accept()],
      auth: {
        authorize: (handshake, { attempt }) => {
          order.push(`auth ${attempt}`);
          return handshake;
        },
      },
      wrap: (leaf) => ({
        connect: (handshake, events, options) => {
          order.push(`leaf ${options?.attempt}`);
          return leaf.connect(handshake, events, options);
        },
      }),
      onTrace: (event) => {
        if (event.kind === "attempt") order.push(`attempt ${event.attempt}`);
        if (event.kind === "failure") order.push(`failure ${event.error.code}`);
        if (event.kind === "transition" && event.to.epoch === 1) order.push("up");
      },
    });
    await rig.up();
    expect(order).toEqual([
      "attempt 1",
      "auth 1",
      "leaf 1",
      "failure ECONNREFUSED",
      "attempt 2",
      "auth 2",
      "leaf 2",
      "up",
    ]);
  });

  it("goes on reconnecting long after one timeout has passed", async () => {
    const rig = new Rig({ otherwise: hang() });
    const connection = await rig.start();
    await rig.world.run(20 * CONNECT_MS);
    expect(rig.leaf.dials.length).toBeGreaterThan(4);
    expect(rig.leaf.dials.slice(0, -1).every((dial) => dial.outcome === "aborted")).toBe(true);
    expect(connection.lifecycle.snapshot.cause).toMatchObject({
      kind: "timeout",
      code: "CONNECT_TIMEOUT",
    });
  });

  it("gives every attempt the full time", async () => {
    const rig = new Rig({ script: [hang(), hang(), accept({ afterMs: CONNECT_MS - 1 })] });
    const connection = await rig.up();
    const [first, second, third] = rig.leaf.dials;
    expect(first?.settledAt).toBe((first?.at ?? 0) + CONNECT_MS);
    expect(second?.settledAt).toBe((second?.at ?? 0) + CONNECT_MS);
    expect(third).toMatchObject({
      outcome: "accepted",
      settledAt: (third?.at ?? 0) + CONNECT_MS - 1,
    });
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "connected", attempts: 3 });
  });

  it("does not count the backoff against the timeout of the next attempt", async () => {
    const rig = new Rig({
      config: { connect: { timeoutMs: 1_000 }, backoff: { minMs: 5_000 } },
      script: [refuse({ status: 503 }), accept({ afterMs: 900 })],
    });
    await rig.up();
    expect(rig.leaf.dials).toMatchObject([{ outcome: "refused" }, { outcome: "accepted" }]);
    expect(rig.dialTimes[1]).toBeGreaterThan(2_000);
  });

  it.each([
    { authMs: 6_000, leafMs: 6_000, timesOut: true },
    { authMs: 12_000, leafMs: 0, timesOut: true },
    { authMs: 0, leafMs: 12_000, timesOut: true },
    { authMs: 4_000, leafMs: 5_000, timesOut: false },
  ])(
    "bounds authorisation ($authMs ms) and leaf ($leafMs ms) together: $timesOut",
    async ({ authMs, leafMs, timesOut }) => {
      const rig = new Rig({
        otherwise: accept({ afterMs: leafMs }),
        auth: {
          authorize: (handshake): Promise<Handshake> =>
            rig.world.delay(authMs).then(() => handshake),
        },
      });
      const connection = await rig.start();
      await rig.world.run(CONNECT_MS - 1);
      expect(connection.lifecycle.snapshot.cause).toBeUndefined();
      expect(connection.lifecycle.snapshot.epoch).toBe(timesOut ? 0 : 1);
      await rig.world.run(1);
      expect(connection.lifecycle.snapshot.cause?.code).toBe(
        timesOut ? "CONNECT_TIMEOUT" : undefined,
      );
    },
  );

  it("asks the AuthSource again for every attempt, always with the caller's own handshake", async () => {
    const asked: { given: Handshake; context: AuthContext }[] = [];
    const rig = new Rig({
      script: [refuse({ status: 401 }), refuse({ code: "ECONNRESET" }), accept(), accept()],
      auth: {
        authorize: (given, context) => {
          asked.push({ given, context });
          const url = `${given.url}?token=${context.attempt}`;
          return {
            url,
            protocols: ["v2"],
            headers: { ...given.headers, [`x-${context.attempt}`]: "1" },
          };
        },
      },
    });
    const connection = await rig.up();
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    expect(asked.map(({ context }) => context.attempt)).toEqual([1, 2, 3, 4]);
    expect(asked.map(({ context }) => context.lastError?.code)).toEqual([
      undefined,
      "UPGRADE_REFUSED",
      "ECONNRESET",
      "SOCKET_LOST",
    ]);
    expect(asked.map(({ given }) => given)).toEqual(Array.from({ length: 4 }, () => HANDSHAKE));
    expect(rig.leaf.dials.map(({ handshake }) => handshake)).toEqual(
      [1, 2, 3, 4].map((n) => ({
        url: `${HANDSHAKE.url}?token=${n}`,
        protocols: ["v2"],
        headers: { [`x-${n}`]: "1" },
      })),
    );
  });

  it("ends an AuthSource that hangs, and dials nothing when its answer comes late", async () => {
    const answers: ((handshake: Handshake) => void)[] = [];
    const signals: AuthContext["signal"][] = [];
    const rig = new Rig({
      auth: {
        authorize: (_, { signal }) => {
          signals.push(signal);
          return new Promise((resolve) => answers.push(resolve));
        },
      },
    });
    const connection = await rig.start();
    await rig.world.run(CONNECT_MS - 1);
    expect(signals[0]?.aborted).toBe(false);
    await rig.world.run(1);
    expect(signals[0]?.aborted).toBe(true);
    expect(connection.lifecycle.snapshot.cause?.code).toBe("CONNECT_TIMEOUT");
    answers[0]?.(HANDSHAKE);
    await rig.world.settle();
    expect(rig.leaf.dials).toEqual([]);
    await rig.world.runUntil(() => answers.length === 2);
    answers[1]?.(HANDSHAKE);
    await rig.world.settle();
    expect(rig.leaf.dials).toHaveLength(1);
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "connected", attempts: 2 });
  });

  it("destroys a connection that a leaf gives after the timeout", async () => {
    const rig = new Rig({
      script: [accept({ afterMs: CONNECT_MS + 5_000 }), accept()],
      // A leaf that ignores its signal.
      wrap: (leaf) => ({ connect: (handshake, events) => leaf.connect(handshake, events) }),
    });
    const connection = await rig.up();
    expect(connection.lifecycle.snapshot.attempts).toBe(2);
    const [late, used] = rig.leaf.dials;
    expect(late?.outcome).toBe("pending");
    await rig.world.run(CONNECT_MS);
    expect(late).toMatchObject({
      outcome: "accepted",
      peer: { isOpen: false, destroyedByClient: true },
    });
    expect(used?.peer?.isOpen).toBe(true);
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "connected", epoch: 1 });
  });

  it("takes the failure of a leaf that throws instead of rejecting like any other", async () => {
    let calls = 0;
    const rig = new Rig({
      wrap: (leaf) => ({
        connect(handshake, events, options) {
          if (++calls === 1) throw new TypeError("a leaf with a bug");
          return leaf.connect(handshake, events, options);
        },
      }),
    });
    const connection = await rig.up();
    expect(connection.lifecycle.snapshot).toMatchObject({
      attempts: 2,
      cause: { code: "CONNECT_FAILED" },
    });
  });
});

describe("a connection that comes while the stack is being shut down", () => {
  // From the leaf's answer to its adoption there are several promise reactions; the actor's turn
  // may fall between any two.
  it.each(Array.from({ length: 30 }, (_, reactions) => ({ reactions })))(
    "is destroyed when the last turn falls $reactions reactions after the leaf's answer",
    async ({ reactions }) => {
      let answer = (): void => undefined;
      const opened: LeafConnection[] = [];
      const gated = (leaf: WsConnector): WsConnector => ({
        connect: (handshake, events, options) => {
          const gate = new (class extends ForwardedEvents {
            override opened(connection: LeafConnection): void {
              opened.push(connection);
              answer = () => super.opened(connection);
            }
          })(events);
          return leaf.connect(handshake, gate, options);
        },
      });
      const rig = new Rig({ wrap: gated, auth: { authorize: (handshake) => handshake } });
      const connection = await rig.start();
      await rig.world.settle();
      expect(opened).toHaveLength(1);
      answer();
      for (let i = 0; i < reactions; i++) await Promise.resolve();
      const ended = watch(connection.control.shutdown());
      rig.world.spawn.drain();
      await rig.world.run(60_000);
      expect(ended.state).toBe("resolved");
      rig.expectNothingLeft();
    },
  );
});
