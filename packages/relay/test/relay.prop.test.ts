import { SeededRandom } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { Scene } from "./support/scene.js";
import type { AuditedReader, Process } from "./support/scene.js";

/** Every fault that a run may have, and what undoes it. */
const FAULTS: Readonly<
  Record<string, (scene: Scene, reader: AuditedReader, random: SeededRandom) => Promise<void>>
> = {
  async killOwner(scene, reader) {
    const { owner } = scene;
    if (owner !== undefined) scene.kill(owner);
    await scene.run(1_000, reader);
    await scene.start();
  },
  async stopOwner(scene, reader, random) {
    const { owner } = scene;
    owner?.timer.freeze();
    await scene.run(1_000 + random.next() * 5_000, reader);
    owner?.timer.thaw();
  },
  async killServer(scene, reader, random) {
    scene.server.kill();
    await scene.run(random.next() * 3_000, reader);
    scene.server.start();
  },
  async killBoth(scene, reader) {
    const { owner } = scene;
    scene.server.kill();
    if (owner !== undefined) scene.kill(owner);
    await scene.run(500, reader);
    scene.server.start();
    await scene.start();
  },
  async forget(scene, reader, random) {
    const store = scene.server.save();
    await scene.run(random.next() * 2_000, reader);
    scene.server.kill();
    await scene.run(500 + random.next() * 1_000, reader);
    scene.server.restore(store);
    scene.server.start();
  },
  async forgetAndKill(scene, reader) {
    const store = scene.server.save();
    await scene.run(1_500, reader);
    const { owner } = scene;
    scene.server.kill();
    if (owner !== undefined) scene.kill(owner);
    await scene.run(700, reader);
    scene.server.restore(store);
    scene.server.start();
    await scene.start();
  },
  async cutOwner(scene, reader, random) {
    const { owner } = scene;
    owner?.engine.cut();
    await scene.run(random.next() * 8_000, reader);
    owner?.engine.mend();
  },
  async cutReader(scene, reader, random) {
    reader.engine.cut();
    await scene.run(random.next() * 5_000, reader);
    reader.engine.mend();
  },
  async stallReader(scene, reader, random) {
    reader.engine.isStalled = true;
    await scene.run(random.next() * 5_000, reader);
    reader.engine.isStalled = false;
  },
  async loseAcks(scene, reader, random) {
    scene.server.loseAcks = 1 + Math.floor(random.next() * 6);
    await scene.run(500, reader);
  },
  async restartReader(scene, reader, random) {
    await scene.run(random.next() * 300);
    await reader.restart(scene);
  },
  async slowReader(scene, reader, random) {
    await scene.run(random.next() * 4_000);
    reader.read();
  },
  async retention(scene, reader, random) {
    reader.engine.isStalled = true;
    await scene.run(1_000, reader);
    scene.server.trim(Math.floor(random.next() * 100));
    reader.engine.isStalled = false;
  },
};

async function runOf(seed: number): Promise<Record<string, unknown>> {
  const random = new SeededRandom(seed);
  const scene = new Scene(seed);
  const count = 1 + Math.floor(random.next() * 2);
  const processes: Process[] = [];
  for (let i = 0; i <= count; i++) processes.push(await scene.start());
  await scene.run(1_000);
  const reader = await scene.audited();
  const kinds = Object.keys(FAULTS);
  const trail: string[] = [];
  for (let i = 0; i < 5; i++) {
    const kind = kinds[Math.floor(random.next() * kinds.length)] ?? "";
    trail.push(kind);
    await FAULTS[kind]?.(scene, reader, random);
    // Sometimes the next fault comes while the relays still deal with this one.
    await scene.run(random.next() < 0.4 ? 300 : 4_000, reader);
  }
  // The renewal of a stalled subscription may pause for 10 s.
  await scene.run(12_000, reader);
  return {
    ...(await scene.verdict(reader)),
    owners: owners(scene),
    seed,
    trail: `${trail.join(" ")} ${reader.missing(scene.ids)}`,
  };
}

function owners({ processes }: Scene): number {
  return processes.filter(
    ({ isAlive, running }) => isAlive && running.state.snapshot.state === "owning",
  ).length;
}

describe("a relay through any faults", () => {
  const seeds = Number(process.env["RELAY_SEEDS"] ?? 8);
  const from = Number(process.env["RELAY_SEED"] ?? 1);
  it.each(Array.from({ length: seeds }, (_, index) => from + index))(
    "seed %i: nothing unaccounted, repeated or out of order, and one owner",
    async (seed) => {
      const verdict = await runOf(seed);
      expect(verdict, String(verdict["trail"])).toMatchObject({
        repeated: 0,
        outOfOrder: 0,
        unaccounted: 0,
        fencing: 0,
        owners: 1,
      });
    },
  );
});
