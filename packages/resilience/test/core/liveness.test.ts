import { describe, expect, it } from "vitest";
import { Liveness, STALL_MS } from "../../src/core/liveness.js";

const LIMITS = { probeAfterMs: 5_000, staleAfterMs: 10_000, deadAfterMs: 15_000 };
const WALL = 1_767_225_600_000;

/** Opened at 0, ticked punctually at each of `times`. */
function ticked(...times: readonly number[]): {
  readonly liveness: Liveness;
  readonly verdicts: readonly string[];
} {
  const liveness = new Liveness(LIMITS);
  liveness.open(0, WALL);
  const verdicts = times.map((now) => liveness.tick(now, WALL + now, 0));
  return { liveness, verdicts };
}

/** Ticks whenever it is due, while nothing arrives, up to `until` or death. */
function silence(liveness: Liveness, until: number): string[] {
  const found: string[] = [];
  let verdict = "none";
  while (liveness.nextDeadline <= until && verdict !== "dead") {
    const now = liveness.nextDeadline;
    verdict = liveness.tick(now, WALL + now, 0);
    found.push(`${verdict}@${now}`);
  }
  return found;
}

describe("Liveness, while nothing arrives", () => {
  it("asks for a probe, then calls it stale, then dead, and confirms both before it says so", () => {
    const { liveness } = ticked();
    expect(silence(liveness, 15_000)).toEqual([
      "probe@5000",
      "confirm@10000",
      "stale@10000",
      "confirm@15000",
      "dead@15000",
    ]);
  });

  it.each([
    ["just before the probe mark", [4_999.9], "none"],
    ["at the probe mark", [5_000], "probe"],
    ["just before the stale mark", [5_000, 9_999.9], "none"],
    ["at the stale mark", [5_000, 10_000], "confirm"],
    ["in the confirming turn", [5_000, 10_000, 10_000], "stale"],
    ["just before the dead mark", [5_000, 10_000, 10_000, 14_999.9], "none"],
    ["at the dead mark", [5_000, 10_000, 10_000, 15_000], "confirm"],
    ["in the last confirming turn", [5_000, 10_000, 10_000, 15_000, 15_000], "dead"],
  ])("says %s (ticks at %j): %s", (_, times, verdict) => {
    expect(ticked(...times).verdicts.at(-1)).toBe(verdict);
  });

  it("probes once for each silence", () => {
    expect(ticked(5_000, 6_000, 7_000).verdicts).toEqual(["probe", "none", "none"]);
  });

  it.each([
    [[], 5_000],
    [[4_000], 5_000],
    [[5_000], 10_000],
    [[5_000, 10_000], 10_000],
    [[5_000, 10_000, 10_001], 15_000],
    [[5_000, 10_000, 10_000, 15_002], 15_002],
  ])("after ticks at %j wants the next at %i", (times, deadline) => {
    expect(ticked(...times).liveness.nextDeadline).toBe(deadline);
  });
});

describe("Liveness, when something arrives", () => {
  it.each([
    ["before the probe", []],
    ["after the probe", [5_000]],
    ["while stale is being confirmed", [5_000, 10_000]],
    ["when stale", [5_000, 10_000, 10_000]],
    ["while dead is being confirmed", [5_000, 10_000, 10_000, 15_000]],
  ])("%s: starts to count again", (_, times) => {
    const { liveness } = ticked(...times);
    liveness.inbound(15_000);
    expect(liveness.silentSince).toBe(15_000);
    expect(liveness.tick(15_000, WALL + 15_000, 0)).toBe("none");
    expect(silence(liveness, 40_000).slice(0, 5)).toEqual([
      "probe@20000",
      "confirm@25000",
      "stale@25000",
      "confirm@30000",
      "dead@30000",
    ]);
  });

  it("forgets the silence of the former socket when another one is opened", () => {
    const { liveness } = ticked(5_000, 10_000, 10_000);
    liveness.open(100_000, WALL + 100_000);
    expect(silence(liveness, 110_000)).toEqual(["probe@105000", "confirm@110000", "stale@110000"]);
  });

  it("does not take the time between two sockets for a sleep", () => {
    const { liveness } = ticked(5_000);
    liveness.open(6_000, WALL + 3_600_000);
    expect(liveness.tick(11_000, WALL + 3_605_000, 0)).toBe("probe");
  });
});

describe("Liveness, when our own process was late", () => {
  it.each([
    ["before the probe", []],
    ["after the probe", [5_000]],
    ["while confirming stale", [5_000, 10_000]],
  ])(
    "%s: reports a stall, leaves the peer the time from the probe mark on, and judges only then",
    (_, times) => {
      const { liveness } = ticked(...times);
      const now = 60_000;
      expect(liveness.tick(now, WALL + now, STALL_MS + 1)).toBe("stalled");
      expect(liveness.slept).toBe(false);
      expect(liveness.silentSince).toBe(now - LIMITS.probeAfterMs);
      expect(silence(liveness, 70_000)).toEqual([
        "confirm@65000",
        "stale@65000",
        "confirm@70000",
        "dead@70000",
      ]);
    },
  );

  it("keeps calling a stale feed stale, and gives the peer time before it is dead", () => {
    const { liveness } = ticked(5_000, 10_000, 10_000);
    expect(liveness.tick(60_000, WALL + 60_000, 45_000)).toBe("stalled");
    expect(silence(liveness, 70_000)).toEqual(["confirm@70000", "dead@70000"]);
  });

  it("withdraws a verdict that was being confirmed", () => {
    const { liveness } = ticked(5_000, 10_000, 10_000, 15_000);
    expect(liveness.tick(16_000, WALL + 16_000, 1_000)).toBe("stalled");
    expect(liveness.tick(16_000, WALL + 16_000, 0)).toBe("none");
  });

  it("is put off by one stall in each silence: a process that is always late still finds a dead peer", () => {
    const { liveness } = ticked();
    const late = (now: number) => liveness.tick(now, WALL + now, 2_000);
    expect(late(7_000)).toBe("stalled");
    expect([12_000, 12_001].map(late)).toEqual(["confirm", "stale"]);
    expect([19_000, 19_001].map(late)).toEqual(["confirm", "dead"]);
  });

  it("is put off again after the peer was heard", () => {
    const { liveness } = ticked();
    expect(liveness.tick(7_000, WALL + 7_000, 2_000)).toBe("stalled");
    liveness.inbound(7_500);
    expect(liveness.tick(60_000, WALL + 60_000, 40_000)).toBe("stalled");
  });

  it("does not put off the marks of a peer that was heard a moment ago", () => {
    const { liveness } = ticked();
    liveness.inbound(59_000);
    expect(liveness.tick(60_000, WALL + 60_000, 2_000)).toBe("stalled");
    expect(liveness.silentSince).toBe(59_000);
  });

  it("believes a timer that is late by no more than the tolerance", () => {
    const { liveness } = ticked();
    expect(liveness.tick(5_500, WALL + 5_500, STALL_MS)).toBe("probe");
    expect(ticked().liveness.tick(5_501, WALL + 5_501, STALL_MS + 0.1)).toBe("stalled");
  });
});

describe("Liveness, when the machine slept", () => {
  it("notices that the wall clock ran ahead, and says that it was sleep", () => {
    const { liveness } = ticked(5_000);
    expect(liveness.tick(10_000, WALL + 10_000 + 3_600_000, 0)).toBe("stalled");
    expect(liveness.slept).toBe(true);
  });

  it("notices it late in a connection's life too, and not a drift that is within bounds", () => {
    const { liveness } = ticked(5_000, 7_000);
    expect(liveness.tick(8_000, WALL + 8_000 + STALL_MS, 0)).toBe("none");
    expect(liveness.tick(9_000, WALL + 9_000 + 2 * STALL_MS + 1, 0)).toBe("stalled");
    expect(liveness.slept).toBe(true);
  });

  it("reports one sleep once", () => {
    const { liveness } = ticked(5_000);
    liveness.tick(10_000, WALL + 3_600_000, 0);
    expect(liveness.tick(10_100, WALL + 3_600_100, 0)).toBe("none");
  });

  it("forgets that it slept when the next stall is none", () => {
    const { liveness } = ticked(5_000);
    liveness.tick(10_000, WALL + 3_600_000, 0);
    liveness.inbound(10_000);
    expect(liveness.tick(12_000, WALL + 3_602_000, 1_000)).toBe("stalled");
    expect(liveness.slept).toBe(false);
  });

  it.each([
    ["runs ahead within the tolerance", STALL_MS],
    ["is set back an hour", -3_600_000],
  ])("takes no notice of a wall clock that %s", (_, drift) => {
    const { liveness } = ticked();
    expect(liveness.tick(5_000, WALL + 5_000 + drift, 0)).toBe("probe");
  });
});
