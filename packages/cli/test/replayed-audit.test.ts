import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { recordingConnector, replayConnector } from "@oath-ws/recorder";
import type { Recorder } from "@oath-ws/recorder";
import { startBinanceSim } from "@oath-ws/sim";
import { parseStreamName } from "@oath-ws/venue-binance";
import type { MarketPayload } from "@oath-ws/venue-binance";
import { nodeRuntime } from "oath-ws";
import { nodeTimer } from "oath-ws/leaf";
import { expect, it, onTestFinished } from "vitest";
import { addVerdicts, Audit } from "../src/demo/audit.js";
import type { Verdict } from "../src/demo/audit.js";
import type { IdRange } from "../src/demo/id-ranges.js";
import { gapsSince } from "../src/market/gaps-since.js";
import { replayPlatform } from "../src/recording/replay.js";
import { followBinance } from "../src/venues/binance.js";
import type { FollowedMarket } from "../src/venues/venue.js";

/** The streams of the demo. */
const STREAMS = ["btcusdt@trade", "btcusdt@depth@100ms", "ethusdt@aggTrade"];

/** Audits what the readers of a market are handed, as the demo does. */
class Audited {
  readonly market: FollowedMarket<MarketPayload>;
  readonly ended: Promise<unknown>;
  readonly #audits = new Map(STREAMS.map((name) => [name, new Audit(parseStreamName(name))]));

  constructor(url: string, runtime: typeof nodeRuntime) {
    this.market = followBinance(STREAMS, { url })({
      runtime,
      policy: undefined,
      onUnreadable: () => undefined,
      onFault: () => undefined,
    });
    this.ended = Promise.all(this.market.streams.map((stream) => this.#read(stream)));
  }

  verdict(due: ReadonlyMap<string, readonly IdRange[]>): Verdict {
    return addVerdicts(
      Array.from(this.#audits, ([name, audit]) => audit.verdict(due.get(name) ?? [])),
    );
  }

  async #read({ name, source }: FollowedMarket<MarketPayload>["streams"][number]): Promise<void> {
    let told = 0;
    for await (const event of source) {
      for (const gap of gapsSince(told, source)) this.#audits.get(name)?.gap(gap);
      told = source.gapCount;
      this.#audits.get(name)?.event(event);
    }
  }
}

it("a recording of what the demo follows, replayed, gives the same audit", async () => {
  const dir = mkdtempSync(join(tmpdir(), "oath-ws-audit-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const sim = await startBinanceSim();
  onTestFinished(() => sim.close());
  const recorders: Recorder[] = [];
  const live = new Audited(sim.url, {
    ...nodeRuntime,
    build: (settings) =>
      recordingConnector(nodeRuntime.build(settings), {
        dir,
        onRecorder: (recorder) => recorders.push(recorder),
      }),
  });
  const due = (): ReadonlyMap<string, readonly IdRange[]> =>
    new Map(STREAMS.map((name) => [name, sim.record.published(name)]));
  for (const fault of [
    () => undefined,
    () => sim.faults.dropConnections(),
    () => sim.faults.drop(3),
    () => sim.faults.gap({ events: 2 }),
    () => sim.faults.closeConnections(1001, "bye"),
  ]) {
    const before = live.verdict(due()).published;
    fault();
    // Some events after the fault, and then every one that was published is accounted for.
    while (live.verdict(due()).published < before + 20) await sleep(10);
    const soFar = due();
    while (live.verdict(soFar).unaccounted > 0) await sleep(10);
  }
  const all = due();
  while (live.verdict(all).unaccounted > 0) await sleep(10);
  await live.market.shutdown();
  await live.ended;
  for (const recorder of recorders)
    expect(await recorder.close()).toMatchObject({ error: undefined, unwritten: 0 });

  const files = readdirSync(dir).map((name) => join(dir, name));
  const leaf = await replayConnector(files, { timer: nodeTimer, speed: "max" });
  expect(leaf.epochs).toBe(3);
  const replayed = new Audited("ws://recording.invalid", replayPlatform(leaf));
  await leaf.ended;
  const before = live.verdict(all);
  while (replayed.verdict(all).delivered < before.delivered) await sleep(10);
  await replayed.market.shutdown();
  await replayed.ended;
  expect(before).toMatchObject({ unaccounted: 0, repeated: 0 });
  expect(before.announced).toBeGreaterThan(0);
  expect(replayed.verdict(all)).toEqual(before);
});
