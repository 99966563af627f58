import { setTimeout as pause } from "node:timers/promises";
import { Network } from "./network.js";
import type { ReaderProcess } from "./processes.js";
import { until } from "./scene.js";
import type { Scene } from "./scene.js";

/** What a row says besides the counts. */
export type Remarks = Readonly<Record<string, number | boolean>>;

/** One fault: what is started, and what is done to it. */
export interface Row {
  readonly fault: string;
  /** Whether the short run in the tests has it. */
  readonly isShort: boolean;
  /** Gives the reader that is judged. */
  readonly run: (
    scene: Scene,
  ) => Promise<{ readonly reader: ReaderProcess; readonly remarks: () => Remarks }>;
}

const NONE = (): Remarks => ({});

/** How long everything runs before and after a fault, in milliseconds. */
const CALM_MS = 1_500;

export const ROWS: readonly Row[] = [
  {
    fault: "owner killed, another started",
    isShort: false,
    async run(scene) {
      const owner = await scene.owner();
      const reader = await scene.reader();
      await pause(CALM_MS);
      await owner.kill();
      const other = await scene.owner();
      await until(() => other.isOwner, "the other takes over");
      return { reader, remarks: NONE };
    },
  },
  {
    fault: "owner killed, hot standby",
    isShort: true,
    async run(scene) {
      const owner = await scene.owner();
      const standby = await scene.owner();
      const reader = await scene.reader();
      await pause(CALM_MS);
      const killedAt = performance.now();
      await owner.kill();
      await until(() => standby.isOwner, "the standby takes over");
      const takeoverMs = Math.round(performance.now() - killedAt);
      return { reader, remarks: () => ({ takeoverMs }) };
    },
  },
  {
    fault: "nats-server killed and restarted",
    isShort: false,
    async run(scene) {
      const owner = await scene.owner();
      const reader = await scene.reader();
      await pause(CALM_MS);
      await scene.nats.down();
      await pause(1_000);
      await scene.nats.up();
      await until(() => owner.isOwner, "the owner goes on");
      return { reader, remarks: () => ({ venueEpochs: owner.news?.epoch ?? 0 }) };
    },
  },
  {
    fault: "both killed",
    isShort: false,
    async run(scene) {
      const owner = await scene.owner();
      const reader = await scene.reader();
      await pause(CALM_MS);
      await Promise.all([scene.nats.down(), owner.kill()]);
      await scene.nats.up();
      const other = await scene.owner();
      await until(() => other.isOwner, "the other takes over");
      return { reader, remarks: NONE };
    },
  },
  {
    fault: "owner stopped for 5 s, hot standby",
    isShort: false,
    async run(scene) {
      const owner = await scene.owner();
      const standby = await scene.owner();
      const reader = await scene.reader();
      await pause(CALM_MS);
      owner.stop();
      await pause(5_000);
      const tookOver = standby.isOwner;
      owner.goOn();
      await until(() => !owner.isOwner, "the old owner sees that it is none");
      await pause(CALM_MS);
      return {
        reader,
        remarks: () => ({ tookOver, isOneOwner: !owner.isOwner && standby.isOwner }),
      };
    },
  },
  {
    fault: "network to the engine cut for 10 s",
    isShort: false,
    async run(scene) {
      const network = await Network.to(scene.nats);
      scene.keep(network);
      const owner = await scene.owner({ nats: `nats://127.0.0.1:${network.port}` });
      const reader = await scene.reader();
      await pause(CALM_MS);
      network.cut();
      await pause(10_000);
      network.mend();
      await until(() => owner.isOwner, "the owner goes on");
      return { reader, remarks: () => ({ venueEpochs: owner.news?.epoch ?? 0 }) };
    },
  },
  {
    fault: "engine away for longer than memory lasts",
    isShort: false,
    async run(scene) {
      const owner = await scene.owner({ maxBytes: 300_000 });
      const reader = await scene.reader();
      await pause(CALM_MS);
      await scene.nats.down();
      await pause(5_000);
      await scene.nats.up();
      await until(() => owner.isOwner, "the owner goes on");
      const remarks = (): Remarks => ({
        lost: owner.news?.snapshot.lost ?? 0,
        venueEpochs: owner.news?.epoch ?? 0,
        memoryMiB: Math.round(owner.maxMemoryBytes / 1_048_576),
      });
      return { reader, remarks };
    },
  },
  {
    fault: "consumer slower than the feed",
    isShort: false,
    async run(scene) {
      await scene.owner();
      const reader = await scene.reader({ pauseMs: 400 });
      await pause(6_000);
      await reader.hurry();
      return { reader, remarks: NONE };
    },
  },
  {
    fault: "consumer killed, goes on at its place",
    isShort: true,
    async run(scene) {
      await scene.owner();
      const reader = await scene.reader();
      await pause(CALM_MS);
      await reader.restart();
      await pause(CALM_MS);
      await reader.restart();
      return { reader, remarks: NONE };
    },
  },
  {
    fault: "retention runs past a slow consumer",
    isShort: false,
    async run(scene) {
      await scene.owner({ maxAgeMs: 3_000 });
      const reader = await scene.reader({ pauseMs: 400 });
      await pause(12_000);
      await reader.hurry();
      await pause(CALM_MS);
      return { reader, remarks: () => ({ totalLagged: reader.maxLagged }) };
    },
  },
  {
    fault: "engine forgets 2 s of what it acknowledged",
    isShort: true,
    async run(scene) {
      const owner = await scene.owner();
      const reader = await scene.reader();
      await pause(CALM_MS);
      await scene.nats.save();
      await pause(2_000);
      await scene.nats.down("SIGTERM");
      await scene.nats.restore();
      await scene.nats.up();
      await until(() => owner.isOwner, "the owner goes on");
      return { reader, remarks: () => ({ cameAgain: reader.repeated }) };
    },
  },
  {
    fault: "engine forgets, and the owner is dead, hot standby",
    isShort: false,
    async run(scene) {
      const owner = await scene.owner();
      const standby = await scene.owner();
      const reader = await scene.reader();
      await pause(CALM_MS);
      await scene.nats.save();
      await pause(2_000);
      await Promise.all([scene.nats.down("SIGTERM"), owner.kill()]);
      await scene.nats.restore();
      await scene.nats.up();
      await until(() => standby.isOwner, "the standby takes over");
      return { reader, remarks: NONE };
    },
  },
  {
    fault: "subscription of the consumer stalls",
    isShort: false,
    async run(scene) {
      const network = await Network.to(scene.nats);
      scene.keep(network);
      await scene.owner();
      const reader = await scene.reader({ nats: `nats://127.0.0.1:${network.port}` });
      await pause(CALM_MS);
      reader.staleAt = undefined;
      const stalledAt = performance.now();
      network.cut();
      await until(() => reader.staleAt !== undefined, "the reader is told");
      const toldMs = Math.round((reader.staleAt ?? 0) - stalledAt);
      network.mend();
      return { reader, remarks: () => ({ toldMs }) };
    },
  },
  {
    fault: "two relays in one process, the first ends",
    isShort: false,
    async run(scene) {
      const pair = await scene.owner({ count: 2 });
      await until(() => pair.isOwner, "one of them is the owner");
      const reader = await scene.reader();
      await pause(CALM_MS);
      pair.order("shutFirst");
      await until(() => pair.news?.snapshot.term === 2 && pair.isOwner, "the second takes over");
      return { reader, remarks: NONE };
    },
  },
  {
    fault: "wall clocks step by an hour, both ways",
    isShort: false,
    async run(scene) {
      const owner = await scene.owner();
      const reader = await scene.reader();
      for (const stepMs of [3_600_000, -7_200_000]) {
        await pause(CALM_MS);
        owner.order({ stepMs });
        reader.step(stepMs);
      }
      await pause(CALM_MS);
      return { reader, remarks: () => ({ isOwner: owner.isOwner }) };
    },
  },
];
