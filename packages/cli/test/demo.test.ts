import { describe, expect, it } from "vitest";
import { records, run } from "./support/run-cli.js";

describe("demo", () => {
  it("survives a reset, a half-open peer, a restart of the venue and a burst, and every id is accounted for", async () => {
    const { code, out, err } = await run("demo", "--for", "6s", "--json");
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
  });
});
