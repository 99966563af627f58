import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MarketPayload } from "@oath-ws/venue-binance";
import { parseStreamName, streamRules } from "@oath-ws/venue-binance";
import type { GapRecord, TopicEvent } from "@oath-ws/venue-kit";
import { describe, expect, it, onTestFinished } from "vitest";
import { Audit } from "../src/demo/audit.js";
import { records, run } from "./support/run-cli.js";
import { here } from "./support/run-here.js";

type Line = Record<string, unknown>;

const idOf = ({ topic, data }: TopicEvent<MarketPayload>): number =>
  streamRules(parseStreamName(topic).kind).range?.firstId(data) ?? Number.NaN;

const eventsOf = (lines: readonly Line[]): readonly TopicEvent<MarketPayload>[] =>
  lines.filter(({ type }) => type === "event") as never;

/** The gaps of lost connections, which the recording must bring back with the same ids. */
const reconnectGaps = (lines: readonly Line[]): readonly string[] =>
  lines
    .filter(({ type, reason }) => type === "gap" && reason === "reconnect")
    .map(({ topic, fromSeq, toSeq }) => `${String(topic)} ${String(fromSeq)}-${String(toSeq)}`)
    .toSorted();

/**
 * Replays what each connection of the demo has received. The reader of a replay is not stuck, so it
 * is delivered more; what the wire lost is told with the same ids, and nothing else is missing.
 */
async function expectSameAudit(demo: readonly Line[], dir: string): Promise<void> {
  const replayed: Line[] = [];
  const files = readdirSync(dir).map((name) => join(dir, name));
  expect(files).toHaveLength(2);
  for (const file of files) {
    const { code, out, err } = await here("replay", file, "--speed", "max", "--json");
    expect([code, err]).toEqual([0, ""]);
    const lines = records(out);
    replayed.push(...lines);
    for (const topic of new Set(eventsOf(lines).map((event) => event.topic))) {
      const audit = new Audit(parseStreamName(topic));
      const events = eventsOf(lines).filter((event) => event.topic === topic);
      // In the order in which they were printed: a gap stands before the event that follows it.
      for (const line of lines.filter((each) => each["topic"] === topic)) {
        if (line["type"] === "gap") audit.gap(line as unknown as GapRecord);
        if (line["type"] === "event") audit.event(line as unknown as TopicEvent<MarketPayload>);
      }
      const span = { first: idOf(events[0]!), last: idOf(events.at(-1)!) };
      expect(audit.verdict([span])).toMatchObject({ unaccounted: 0, repeated: 0 });
    }
  }
  expect(reconnectGaps(replayed)).toEqual(reconnectGaps(demo));
  const again = new Set(eventsOf(replayed).map((event) => `${event.topic} ${idOf(event)}`));
  const missing = eventsOf(demo).filter((event) => !again.has(`${event.topic} ${idOf(event)}`));
  expect(missing).toEqual([]);
}

describe("demo", () => {
  it("survives a reset, a half-open peer, a restart of the venue and a burst: every id is accounted for", async () => {
    const dir = mkdtempSync(join(tmpdir(), "oath-ws-demo-"));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const { code, out, err } = await run("demo", "--for", "6s", "--record", dir, "--json");
    expect([code, err]).toEqual([0, ""]);
    const lines = records(out);
    const recovered = lines.filter(({ type }) => type === "recovered");
    expect(recovered.map(({ incident }) => incident)).toEqual([
      expect.stringContaining("resets"),
      expect.stringContaining("half-open"),
      expect.stringContaining("shutdown"),
      expect.stringContaining("burst"),
    ]);
    const [reset, halfOpen, renewal, burst] = recovered;
    expect(reset).toMatchObject({ epochBefore: 1, epoch: 2, discarded: 0 });
    expect(halfOpen).toMatchObject({ epochBefore: 2, epoch: 3, discarded: 0 });
    expect(halfOpen?.["gaps"]).toEqual(
      expect.arrayContaining([expect.objectContaining({ reason: "reconnect", epoch: 3 })]),
    );
    expect(renewal).toMatchObject({ epochBefore: 3, epoch: 4, lagged: 0, discarded: 0, gaps: [] });
    expect(burst).toMatchObject({ epochBefore: 4, epoch: 4 });
    expect(Number(burst?.["lagged"]) + Number(burst?.["discarded"])).toBeGreaterThan(0);
    expect(lines.some(({ type, phase }) => type === "snapshot" && phase === "stale")).toBe(true);
    const summary = lines.at(-1);
    expect(summary).toMatchObject({
      type: "summary",
      events: lines.filter(({ type }) => type === "event").length,
      gaps: lines.filter(({ type }) => type === "gap").length,
      connections: 2,
      epochs: 4,
      verified: { unaccounted: 0, repeated: 0 },
    });
    const { published, delivered, announced } = records(out).at(-1)!["verified"] as Record<
      string,
      number
    >;
    expect(delivered! + announced!).toBe(published);
    await expectSameAudit(lines, dir);
  });
});
