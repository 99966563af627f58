import { accept, refuse } from "@oath-ws/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rig, takeAll, texts } from "./support/rig.js";

const URLS = ["wss://a.test", "wss://b.test"];
const RETURN_MS = 60_000;

describe("a socket that is let go", () => {
  /** How long its end is awaited. */
  const LET_GO_MS = 250;
  const scenario = fc.record({
    isReturn: fc.boolean(),
    blockedFrom: fc.integer({ min: 0, max: LET_GO_MS - 1 }),
    blockedMs: fc.integer({ min: 0, max: 1_000 }),
    arrivals: fc.uniqueArray(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 10 }),
  });

  it("is read once more before its time is over, however late our loop was", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ isReturn, blockedFrom, blockedMs, arrivals }) => {
        const down = refuse({ code: "ECONNREFUSED" });
        const config = { failover: { returnAfterMs: isReturn ? RETURN_MS : undefined } };
        const rig = new Rig({ config, script: [down, accept()] });
        const { timer } = rig.world;
        const request = { url: URLS, protocols: [], headers: {} };
        const connection = await rig.world.complete(rig.connector.connect(request));
        const old = rig.peer;
        old.answerClose = false;
        if (!isReturn) connection.trigger.forceReconnect();
        await rig.world.runUntil(() => old.closeFrameReceived !== undefined);
        for (const at of arrivals) timer.scheduleArrival(at, () => old.text(String(at)));
        await rig.world.run(blockedFrom);
        await rig.world.stall(blockedMs);
        await rig.untilEpoch(connection, 2);
        const rangAt = Math.max(LET_GO_MS, blockedFrom + blockedMs);
        const inTime = arrivals.filter((at) => at <= rangAt).toSorted((a, b) => a - b);
        const frames = takeAll(connection);
        expect(texts(frames)).toEqual(inTime.map(String));
        expect(frames.every(({ epoch }) => epoch === 1)).toBe(true);
      }),
    );
  });

  it("is read once more when it was silent and the slot of a reconnect came late", async () => {
    const config = {
      attempts: { max: 1, windowMs: 60_000 },
      liveness: { staleAfterMs: 10_000, deadAfterMs: 300_000 },
    };
    const rig = new Rig({ config, mock: { autoPong: false } });
    const connection = await rig.up();
    const old = rig.peer;
    connection.trigger.forceReconnect();
    await rig.untilPhase(connection, "stale");
    rig.world.timer.scheduleArrival(60_100 - rig.now, () => old.text("in the kernel"));
    await rig.world.run(59_900 - rig.now);
    await rig.world.stall(300);
    await rig.untilEpoch(connection, 2);
    expect(texts(takeAll(connection))).toEqual(["in the kernel"]);
    expect(old.closeFrameReceived).toMatchObject({ code: 1000 });
  });
});
