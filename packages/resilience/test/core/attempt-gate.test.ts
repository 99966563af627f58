import { afterEach, describe, expect, it, vi } from "vitest";
import { AttemptGate } from "../../src/core/attempt-gate.js";

const URL_A = "wss://a.test/one";
const LIMIT = { max: 2, windowMs: 1_000 };

function slots(gate: AttemptGate, count: number, now: number, url = URL_A): number[] {
  return Array.from({ length: count }, () => gate.reserve(url, LIMIT, now).at);
}

/** Makes an attempt, which the gate must allow. */
function attempt(gate: AttemptGate, now: number, url = URL_A): void {
  expect(gate.claim(url, gate.reserve(url, LIMIT, now), LIMIT, now)).toBe(true);
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("AttemptGate", () => {
  it("gives out slots at once up to the limit and then one window later each", () => {
    expect(slots(new AttemptGate(), 5, 100)).toEqual([100, 100, 1_100, 1_100, 2_100]);
  });

  it("frees a place exactly one window after the attempt that held it", () => {
    const gate = new AttemptGate();
    attempt(gate, 0);
    attempt(gate, 300);
    const third = gate.reserve(URL_A, LIMIT, 999);
    expect(third.at).toBe(1_000);
    expect(gate.claim(URL_A, third, LIMIT, 1_000)).toBe(true);
    expect(gate.reserve(URL_A, LIMIT, 1_000).at).toBe(1_300);
  });

  it("counts an attempt from when it was made, not from when it could have been", () => {
    const gate = new AttemptGate();
    const early = [gate.reserve(URL_A, LIMIT, 0), gate.reserve(URL_A, LIMIT, 0)];
    for (const slot of early) expect(gate.claim(URL_A, slot, LIMIT, 700)).toBe(true);
    expect(gate.reserve(URL_A, LIMIT, 700).at).toBe(1_700);
  });

  it("refuses a claim that late timers would make one too many, and counts no attempt then", () => {
    const gate = new AttemptGate();
    const reserved = Array.from({ length: 4 }, () => gate.reserve(URL_A, LIMIT, 0));
    expect(reserved.map((slot) => gate.claim(URL_A, slot, LIMIT, 5_000))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(slots(gate, 3, 5_000)).toEqual([6_000, 6_000, 7_000]);
  });

  it("counts by host and port: paths, queries and credentials share a budget, ports do not", () => {
    const gate = new AttemptGate();
    gate.reserve("wss://a.test/one", LIMIT, 0);
    gate.reserve("wss://u:p@A.test:443/two?x=1", LIMIT, 0);
    expect(gate.reserve("wss://a.test/three", LIMIT, 0).at).toBe(1_000);
    expect(gate.reserve("wss://a.test:8443/one", LIMIT, 0).at).toBe(0);
    expect(gate.reserve("wss://b.test/one", LIMIT, 0).at).toBe(0);
  });

  it("counts by the given key instead", () => {
    const gate = new AttemptGate({ key: () => "everything" });
    gate.reserve("wss://a.test/", LIMIT, 0);
    gate.reserve("wss://b.test/", LIMIT, 0);
    expect(gate.reserve("wss://c.test/", LIMIT, 0).at).toBe(1_000);
  });

  it("tells of a key function that fails, and goes on by host and port", () => {
    const gate = new AttemptGate({
      key: (url) => {
        if (url.includes("bad")) throw new RangeError("canary");
        return url.includes("none") ? (undefined as unknown as string) : "venue";
      },
    });
    expect(gate.keyFault("wss://good.test/")).toBeUndefined();
    expect(gate.keyFault("wss://bad.test/")).toBe("must give a string for a URL, threw RangeError");
    expect(gate.keyFault("wss://none.test/")).toBe("must give a string for a URL, gave undefined");
    expect(slots(gate, 3, 0, "wss://bad.test/1")).toEqual([0, 0, 1_000]);
    expect(slots(gate, 1, 0, "wss://good.test/")).toEqual([0]);
    gate.block("wss://bad.test/2", 5_000);
    expect([gate.blockedUntil("wss://bad.test/3"), gate.blockedUntil("wss://good.test/")]).toEqual([
      5_000,
      Number.NEGATIVE_INFINITY,
    ]);
  });

  it("gives a released slot to the next who asks, and to one only", () => {
    const gate = new AttemptGate();
    slots(gate, 2, 0);
    const late = gate.reserve(URL_A, LIMIT, 0);
    gate.release(URL_A, late);
    expect(slots(gate, 3, 0)).toEqual([1_000, 1_000, 2_000]);
  });

  it("ignores the release of a slot that it no longer knows", () => {
    const gate = new AttemptGate();
    gate.release(URL_A, { at: 5 });
    slots(gate, 2, 0);
    gate.release(URL_A, { at: 5 });
    expect(slots(gate, 1, 0)).toEqual([1_000]);
  });

  it("lets nobody overtake a connection that waits for its slot", () => {
    const gate = new AttemptGate();
    slots(gate, 2, 0);
    const waiting = gate.reserve(URL_A, LIMIT, 0);
    const generous = gate.reserve(URL_A, { max: 100, windowMs: 1 }, 500);
    expect(generous.at).toBeGreaterThanOrEqual(waiting.at);
  });

  it("keeps each user's own limit, also when users differ", () => {
    const gate = new AttemptGate();
    const strict = { max: 1, windowMs: 10_000 };
    const loose = { max: 5, windowMs: 10 };
    for (const now of [0, 5_000]) gate.claim(URL_A, gate.reserve(URL_A, loose, now), loose, now);
    const slot = gate.reserve(URL_A, strict, 5_000);
    expect(slot.at).toBe(15_000);
    expect(gate.claim(URL_A, slot, strict, 14_999)).toBe(false);
    expect(gate.claim(URL_A, gate.reserve(URL_A, loose, 14_999), loose, 14_999)).toBe(true);
  });

  describe("when a server asked us to stay away", () => {
    it("gives out no slot before the time that it named, and tells what that is", () => {
      const gate = new AttemptGate();
      expect(gate.blockedUntil(URL_A)).toBe(Number.NEGATIVE_INFINITY);
      gate.block(URL_A, 700);
      expect(gate.blockedUntil(URL_A)).toBe(700);
      expect(gate.reserve(URL_A, LIMIT, 0).at).toBe(700);
    });

    it("refuses the claim of a slot that was given out before", () => {
      const gate = new AttemptGate();
      const reserved = [gate.reserve(URL_A, LIMIT, 0), gate.reserve(URL_A, LIMIT, 0)] as const;
      gate.block(URL_A, 700);
      expect(gate.claim(URL_A, reserved[0], LIMIT, 699)).toBe(false);
      expect(gate.claim(URL_A, reserved[1], LIMIT, 700)).toBe(true);
    });

    it("shares the penalty with every path of the host and with no other host", () => {
      const gate = new AttemptGate();
      gate.block(URL_A, 700);
      expect(gate.blockedUntil("wss://a.test/elsewhere")).toBe(700);
      expect(gate.blockedUntil("wss://b.test/")).toBe(Number.NEGATIVE_INFINITY);
      expect(gate.reserve("wss://b.test/", LIMIT, 0).at).toBe(0);
    });

    it("does not let a later penalty shorten an earlier one", () => {
      const gate = new AttemptGate();
      gate.block(URL_A, 700);
      gate.block(URL_A, 300);
      expect(gate.blockedUntil(URL_A)).toBe(700);
      gate.block(URL_A, 900);
      expect(gate.reserve(URL_A, LIMIT, 0).at).toBe(900);
    });

    it("still spaces the attempts after the penalty by the limit", () => {
      const gate = new AttemptGate();
      gate.block(URL_A, 700);
      expect(slots(gate, 3, 0)).toEqual([700, 700, 1_700]);
    });

    it("remembers the penalty while attempts of other hosts come and go, and until it is over", () => {
      const gate = new AttemptGate();
      gate.block(URL_A, 700);
      attempt(gate, 699, "wss://b.test/");
      expect(gate.blockedUntil(URL_A)).toBe(700);
    });
  });

  it("forgets hosts that are idle, so that a process with many hosts does not grow", () => {
    const stores = vi.spyOn(Map.prototype, "set");
    const gate = new AttemptGate();
    for (let i = 0; i < 50; i++) attempt(gate, 0, `wss://host-${i}.test/`);
    gate.block("wss://penalty.test/", 5_000);
    const ledgers = stores.mock.contexts.at(-1) as Map<string, unknown>;
    attempt(gate, 999);
    expect(ledgers.size).toBe(52);
    attempt(gate, 1_000);
    expect(Array.from(ledgers.keys())).toEqual(["penalty.test", "a.test"]);
    attempt(gate, 5_000);
    expect(Array.from(ledgers.keys())).toEqual(["a.test"]);
  });

  it("makes a place in the queue free again that its owner abandoned", () => {
    const gate = new AttemptGate();
    slots(gate, 2, 0);
    expect(gate.reserve(URL_A, LIMIT, 60_000).at).toBe(60_000);
    expect(gate.reserve(URL_A, LIMIT, 60_000).at).toBe(60_000);
  });
});
