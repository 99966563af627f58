import { describe, expect, it } from "vitest";
import { Scene, TOPICS } from "./support/scene.js";
import type { Process } from "./support/scene.js";

const CLEAN = { repeated: 0, outOfOrder: 0, unaccounted: 0, fencing: 0 };

async function begun(options = {}): Promise<{ readonly scene: Scene; readonly process: Process }> {
  const scene = new Scene();
  const process = await scene.start(options);
  await scene.run(500);
  return { scene, process };
}

describe("a relay and its readers", () => {
  it("brings every event once, in order, while nothing happens", async () => {
    const { scene } = await begun();
    const reader = await scene.audited();
    expect(reader.line.topics).toEqual([...TOPICS]);
    await scene.run(2_000, reader);
    expect(reader.line.progress).toMatchObject({ mode: "live", behindMessages: 0 });
    expect(reader.line.lifecycle.snapshot).toMatchObject({ phase: "connected", epoch: 1 });
    expect(reader.subscription("a").state.snapshot.phase).toBe("live");
    expect(reader.subscription("a").isFresh(300)).toBe(true);
    expect(await scene.verdict(reader)).toEqual(CLEAN);
    expect(reader.lost).toBe(0);
  });

  it("goes on from the ring of a standby when the owner is killed: nothing is lost", async () => {
    const { scene, process } = await begun();
    const standby = await scene.start();
    const reader = await scene.audited();
    await scene.run(1_000, reader);
    scene.kill(process);
    const killedAt = scene.world.timer.now();
    await scene.world.runUntil(() => standby.running.state.snapshot.state === "owning");
    expect(scene.world.timer.now() - killedAt).toBeLessThan(3_000 + 750 + 100);
    expect(await scene.verdict(reader)).toEqual(CLEAN);
    expect(reader.lost).toBe(0);
    // What has no ids cannot be told from what the dead owner brought.
    expect(reader.subscription("x").gaps).toMatchObject([{ reason: "relay", fromSeq: undefined }]);
    expect(reader.line.lifecycle.snapshot).toMatchObject({ phase: "resumed", epoch: 2 });
  });

  it("tells no age of what was stored before a new process began, and that of what comes", async () => {
    const { scene, process } = await begun();
    const reader = await scene.audited();
    await scene.run(1_000, reader);
    reader.isReading = false;
    await scene.run(500);
    scene.kill(process);
    await scene.run(60_000);
    await reader.restart(scene);
    const topic = reader.subscription("a");
    await scene.run(100);
    expect(topic.readerBehindMs).toBe(Number.POSITIVE_INFINITY);
    reader.isReading = true;
    reader.read();
    expect(topic.age()?.oursMs).toBe(Number.POSITIVE_INFINITY);
    expect(topic.isFresh(60_000)).toBe(false);
    await scene.start();
    await scene.run(5_000, reader);
    expect(topic.isFresh(300)).toBe(true);
    expect(await scene.verdict(reader)).toEqual(CLEAN);
  });

  it("hands over at once when the owner is shut down", async () => {
    const { scene, process } = await begun();
    const standby = await scene.start();
    const reader = await scene.audited();
    await scene.run(1_000, reader);
    await scene.world.complete(process.running.shutdown());
    process.isAlive = false;
    await scene.run(1_000, reader);
    expect(standby.running.state.snapshot.state).toBe("owning");
    expect(await scene.verdict(reader)).toEqual(CLEAN);
    expect(reader.lost).toBe(0);
  });

  it("tells exactly what is missing when the owner is killed and no other stands by", async () => {
    const { scene, process } = await begun();
    const reader = await scene.audited();
    await scene.run(1_000, reader);
    scene.kill(process);
    await scene.run(1_000, reader);
    await scene.start();
    await scene.run(5_000, reader);
    expect(await scene.verdict(reader)).toEqual(CLEAN);
    expect(reader.lost).toBeGreaterThan(0);
    expect(reader.subscription("a").gaps.map(({ reason }) => reason)).toEqual(["relay"]);
  });

  it("refuses what a stopped owner appends after another took over", async () => {
    const { scene, process } = await begun();
    const standby = await scene.start();
    const reader = await scene.audited();
    await scene.run(1_000, reader);
    process.timer.freeze();
    await scene.run(5_000, reader);
    expect(standby.running.state.snapshot.state).toBe("owning");
    process.timer.thaw();
    await scene.run(2_000, reader);
    expect(process.running.state.snapshot.state).toBe("watching");
    expect(await scene.verdict(reader)).toEqual(CLEAN);
    expect(reader.lost).toBe(0);
  });

  it("keeps what the line brings while the engine is away, and appends it afterwards", async () => {
    const { scene, process } = await begun();
    const reader = await scene.audited();
    await scene.run(1_000, reader);
    scene.server.kill();
    await scene.run(4_000, reader);
    expect(process.running.state.snapshot.state).toBe("away");
    expect(reader.line.lifecycle.snapshot).toMatchObject({
      phase: "stale",
      cause: { code: "RELAY_UNREACHABLE" },
    });
    expect(reader.subscription("a").isFresh(60_000)).toBe(false);
    scene.server.start();
    expect(await scene.verdict(reader)).toEqual(CLEAN);
    expect(reader.lost).toBe(0);
    expect(reader.line.lifecycle.snapshot).toMatchObject({ phase: "connected", staleCount: 1 });
  });

  it("bounds its memory while the engine is away: what overflows is a gap", async () => {
    const { scene, process } = await begun({ maxBytes: 20_000 });
    const reader = await scene.audited();
    await scene.run(1_000, reader);
    process.engine.cut();
    await scene.run(10_000, reader);
    process.engine.mend();
    await scene.run(3_000, reader);
    expect(await scene.verdict(reader)).toEqual(CLEAN);
    expect(reader.lost).toBeGreaterThan(500);
    expect(process.running.state.snapshot.lost).toBeGreaterThan(500);
    expect(reader.line.lifecycle.snapshot.totalLagged).toBeGreaterThan(500);
  });

  it("appends again what the engine forgot", async () => {
    const { scene } = await begun();
    const reader = await scene.audited();
    await scene.run(1_000, reader);
    const store = scene.server.save();
    await scene.run(2_000, reader);
    const before = scene.server.lastSeq;
    scene.server.kill();
    await scene.run(1_000, reader);
    scene.server.restore(store);
    expect(scene.server.lastSeq).toBeLessThan(before);
    scene.server.start();
    const late = await scene.read();
    expect(await scene.verdict(reader)).toEqual(CLEAN);
    expect(reader.lost).toBe(0);
    expect(reader.line.repeated).toBeGreaterThan(0);
    await late.line.control.shutdown();
  });

  it("survives an engine that forgot what a dead owner appended", async () => {
    const { scene, process } = await begun();
    const standby = await scene.start();
    const reader = await scene.audited();
    await scene.run(1_000, reader);
    const store = scene.server.save();
    // More than the hundred doubles in a row that make ids count as begun again.
    await scene.run(6_000, reader);
    scene.server.kill();
    scene.kill(process);
    await scene.run(1_000, reader);
    scene.server.restore(store);
    scene.server.start();
    await scene.run(6_000, reader);
    expect(standby.running.state.snapshot.state).toBe("owning");
    expect(await scene.verdict(reader)).toEqual(CLEAN);
    expect(reader.lost).toBe(0);
  });

  it("notices a past that was written again while a reader was away", async () => {
    const { scene, process } = await begun();
    const standby = await scene.start();
    const reader = await scene.audited();
    await scene.run(1_000, reader);
    const store = scene.server.save();
    await scene.run(1_000, reader);
    reader.engine.cut();
    scene.server.kill();
    scene.kill(process);
    scene.server.restore(store);
    scene.server.start();
    // By then the stream is longer than the reader's place in it, and has something else there.
    await scene.run(8_000, reader);
    expect(standby.running.state.snapshot.state).toBe("owning");
    expect(scene.server.lastSeq).toBeGreaterThan(reader.line.position?.seq ?? 0);
    reader.engine.mend();
    await scene.run(2_000, reader);
    expect(await scene.verdict(reader)).toEqual(CLEAN);
    expect(reader.lost).toBe(0);
  });

  it("doubles nothing when acknowledgements are lost", async () => {
    const { scene, process } = await begun();
    const reader = await scene.audited();
    await scene.run(1_000, reader);
    scene.server.loseAcks = 3;
    await scene.run(6_000, reader);
    expect(process.running.state.snapshot.state).toBe("owning");
    expect(await scene.verdict(reader)).toEqual(CLEAN);
    expect(reader.lost).toBe(0);
  });

  it("waits for room when the engine's disk is full", async () => {
    const { scene, process } = await begun();
    const reader = await scene.audited();
    await scene.run(1_000, reader);
    scene.server.isFull = true;
    await scene.run(3_000, reader);
    expect(process.running.state.snapshot).toMatchObject({ cause: { code: "RELAY_FULL" } });
    scene.server.isFull = false;
    expect(await scene.verdict(reader)).toEqual(CLEAN);
    expect(reader.lost).toBe(0);
  });

  it("tells of a stalled subscription within two watermarks, and renews it", async () => {
    const { scene } = await begun();
    const reader = await scene.audited();
    await scene.run(1_500, reader);
    reader.engine.isStalled = true;
    const stalledAt = scene.world.timer.now();
    await scene.world.runUntil(() => reader.line.lifecycle.snapshot.phase === "stale");
    expect(scene.world.timer.now() - stalledAt).toBeLessThanOrEqual(2_000 + 250);
    expect(reader.line.progress.mode).toBe("silent");
    expect(reader.subscription("a").state.snapshot).toMatchObject({
      phase: "stale",
      cause: { code: "RELAY_SILENT" },
    });
    reader.engine.isStalled = false;
    await scene.run(12_000, reader);
    expect(reader.line.progress.mode).toBe("live");
    expect(await scene.verdict(reader)).toEqual(CLEAN);
    expect(reader.lost).toBe(0);
  });

  it("waits for a slow reader, and tells it what retention took meanwhile", async () => {
    const { scene } = await begun();
    const reader = await scene.audited();
    const small = reader.line.subscribe("b", { policy: { kind: "reliable", maxEvents: 40 } });
    await scene.run(2_000, reader);
    expect(reader.line.progress.mode).toBe("catchingUp");
    expect(small.waiting).toBeGreaterThanOrEqual(20);
    expect(small.discarded).toBe(0);
    scene.server.trim(50);
    small.close();
    expect(await scene.verdict(reader)).toEqual(CLEAN);
    expect(reader.lost).toBeGreaterThan(0);
    expect(reader.line.lifecycle.snapshot.totalLagged).toBeGreaterThan(0);
  });

  it("goes on where a killed reader stood, in every topic", async () => {
    const { scene } = await begun();
    const reader = await scene.audited();
    await scene.run(1_000, reader);
    // Some of it waits unread, of some topics more than of others.
    await scene.run(300);
    const a = reader.subscription("a");
    const audit = reader.audits.get("a");
    audit?.read(a);
    await scene.run(200);
    await reader.restart(scene);
    await scene.run(1_000, reader);
    expect(await scene.verdict(reader)).toEqual(CLEAN);
    expect(reader.lost).toBe(0);
    expect(reader.audits.get("x")).toMatchObject({ openGaps: 0, repeated: 0 });
  });

  it.each([1, 2])("goes on behind a handover in quiet topics, %i times", async (times) => {
    const { scene, process } = await begun();
    await scene.start();
    const reader = await scene.audited();
    await scene.run(1_000, reader);
    scene.stopTrading();
    await scene.world.complete(process.running.shutdown());
    process.isAlive = false;
    await scene.run(1_000, reader);
    scene.push("b");
    await scene.run(500, reader);
    for (let time = 0; time < times; time++) {
      await reader.restart(scene);
      await scene.run(500, reader);
    }
    for (const topic of TOPICS) scene.push(topic);
    expect(await scene.verdict(reader)).toEqual(CLEAN);
    expect(reader.lost).toBe(0);
    expect(reader.audits.get("x")?.covered.size).toBe(reader.audits.get("a")?.covered.size);
  });

  it("tells the lifecycle of the venue's line, and its gaps", async () => {
    const { scene, process } = await begun();
    const reader = await scene.audited();
    await scene.run(1_000, reader);
    process.feed.turn(false);
    await scene.run(1_500, reader);
    expect(reader.line.lifecycle.snapshot.phase).toBe("reconnecting");
    expect(reader.subscription("a").state.snapshot.phase).toBe("recovering");
    process.feed.turn(true);
    const missed = (scene.ids.get("x") ?? 0) + 1;
    process.feed.gap("x", "reconnect");
    process.feed.push("x", { id: missed });
    scene.ids.set("x", missed);
    await scene.run(1_500, reader);
    expect(reader.line.lifecycle.snapshot).toMatchObject({ phase: "resumed", epoch: 2 });
    expect(reader.subscription("a").state.snapshot.phase).toBe("live");
    expect(reader.subscription("x").gaps).toMatchObject([{ reason: "reconnect" }]);
  });

  it("is read only, and ends alone", async () => {
    const { scene, process } = await begun();
    const { line } = await scene.read();
    await expect(line.sink.send("x")).rejects.toMatchObject({ code: "RELAY_READ_ONLY" });
    expect(() => line.subscribe("nothing")).toThrow(
      expect.objectContaining({ code: "TOPIC_INVALID" }),
    );
    const sub = line.subscribe("a");
    await line.control.shutdown();
    expect(line.lifecycle.snapshot.phase).toBe("closed");
    for (let more = sub.take(); more !== undefined; more = sub.take());
    expect(await sub.readable()).toBe(false);
    expect(() => line.subscribe("a")).toThrow(expect.objectContaining({ code: "SHUT_DOWN" }));
    expect(process.running.state.snapshot.state).toBe("owning");
  });
});
