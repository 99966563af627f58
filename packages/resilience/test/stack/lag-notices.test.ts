import type { ReconnectingConnection } from "@oath-ws/contract";
import { acceptWith } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { textFrame } from "../support/bytes.js";
import { watch } from "./support/outcome.js";
import { Rig, sendNumbers, takeAll } from "./support/rig.js";

/** Loses frames in many turns: one a millisecond for `ms`. */
async function flood(rig: Rig, ms: number): Promise<void> {
  for (let i = 0; i < ms; i++) {
    sendNumbers(rig.peer, 1, 2);
    await rig.world.run(1);
  }
}

async function overloaded(): Promise<{ rig: Rig; connection: ReconnectingConnection }> {
  const rig = new Rig({ config: { buffer: { maxFrames: 2 } } });
  const connection = await rig.up();
  sendNumbers(rig.peer, 1, 2);
  await rig.world.run(1_000);
  return { rig, connection };
}

describe("notices of lost frames", () => {
  it("come at once, then at most one per 100 ms, the last with the final totals", async () => {
    const { rig, connection } = await overloaded();
    const { lifecycle } = connection;
    const heard: number[] = [];
    lifecycle.subscribe(() => heard.push(rig.now));
    let changes = 0;
    const watch = async (): Promise<void> => {
      for (let seen = lifecycle.snapshot; await lifecycle.changed({ since: seen }); changes++)
        seen = lifecycle.snapshot;
    };
    void watch();
    const from = rig.now;
    await flood(rig, 1_000);
    const { totalLagged } = lifecycle.snapshot;
    expect(totalLagged).toBe(2_000);
    expect(heard[0]).toBe(from);
    expect(heard.length).toBeLessThanOrEqual(11);
    expect(changes).toBeLessThanOrEqual(11);
    await rig.world.run(100);
    const lags = rig.traced("lag");
    expect(lags.length).toBeLessThanOrEqual(11);
    expect(lags.reduce((sum, { frames }) => sum + frames, 0)).toBe(totalLagged);
    expect(lags.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(
      lifecycle.snapshot.totalLaggedBytes,
    );
    expect(heard.at(-1)).toBeGreaterThanOrEqual(from + 1_000);
    await rig.world.complete(connection.control.shutdown());
    rig.expectNothingLeft();
  });

  it("do not make a snapshot that is read less exact", async () => {
    const { rig, connection } = await overloaded();
    for (let i = 1; i <= 50; i++) {
      await flood(rig, 1);
      expect(connection.lifecycle.snapshot.totalLagged).toBe(2 * i);
    }
  });

  it("tell of a late reader that has caught up those who read that it was late", async () => {
    const rig = new Rig({ config: { buffer: { maxFrames: 2, staleReaderMs: 50 } } });
    const connection = await rig.up();
    const { lifecycle } = connection;
    sendNumbers(rig.peer, 1, 3);
    await rig.world.run(60);
    const since = lifecycle.snapshot;
    expect(since).toMatchObject({ totalLagged: 1, readerBehindSince: rig.now - 60 });
    const changed = watch(lifecycle.changed({ since }));
    takeAll(connection);
    expect(lifecycle.snapshot.readerBehindSince).toBeUndefined();
    await rig.world.run(100);
    expect(changed.value).toBe(true);
  });

  it("do not hold back any other change", async () => {
    const { rig, connection } = await overloaded();
    await flood(rig, 10);
    const at = rig.now;
    let heardAt: number | undefined;
    connection.lifecycle.subscribe(() => (heardAt ??= rig.now));
    rig.peer.reset();
    await rig.world.run(1);
    expect(heardAt).toBe(at);
  });

  it("are complete when the connection ends in the meantime", async () => {
    const { rig, connection } = await overloaded();
    await flood(rig, 10);
    await rig.world.complete(connection.control.shutdown());
    const frames = rig.traced("lag").reduce((sum, lag) => sum + lag.frames, 0);
    expect(frames).toBe(connection.lifecycle.snapshot.totalLagged);
    rig.expectNothingLeft();
  });

  it("are in the last snapshot, though frames, connection and end come in one turn", async () => {
    const numbers = [1, 2, 3, 4, 5].map((number) => textFrame(String(number)));
    const rig = new Rig({
      config: { buffer: { maxFrames: 2 }, attempts: { maxAttempts: 1 } },
      script: [acceptWith(numbers, { onAccept: (peer) => peer.reset() })],
    });
    const { lifecycle } = await rig.start();
    const lagged: number[] = [];
    lifecycle.subscribe(() => lagged.push(lifecycle.snapshot.totalLagged));
    await rig.world.run(60_000);
    expect(lifecycle.snapshot).toMatchObject({ phase: "closed", epoch: 1, totalLagged: 3 });
    expect(rig.traced("transition").at(-1)?.to).toBe(lifecycle.snapshot);
    expect(lagged.at(-1)).toBe(3);
    expect(rig.traced("lag").map(({ frames }) => frames)).toEqual([3]);
  });
});
