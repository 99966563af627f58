import { afterEach, describe, expect, it, vi } from "vitest";
import { AttemptGate } from "../../src/core/attempt-gate.js";
import type { AttemptLimit, GateTicket } from "../../src/core/gate.js";

const URL_A = "wss://a.test/one";
const LIMIT = { max: 2, windowMs: 1_000 };

/** A ticket for a connection that never stood, which waits with a limit that leaves none back. */
function reserve(gate: AttemptGate, url: string, limit: AttemptLimit, now: number): GateTicket {
  return gate.reserve({ url, limit, asked: false, provenUntil: -Infinity, now }, () => undefined);
}

function slots(gate: AttemptGate, count: number, now: number, url = URL_A): (number | undefined)[] {
  return Array.from({ length: count }, () => reserve(gate, url, LIMIT, now).at);
}

/** Makes an attempt, which the gate must allow. */
function attempt(gate: AttemptGate, now: number, url = URL_A): void {
  expect(gate.claim(reserve(gate, url, LIMIT, now), now)).toBe(true);
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
    const third = reserve(gate, URL_A, LIMIT, 999);
    expect(third.at).toBe(1_000);
    expect(gate.claim(third, 1_000)).toBe(true);
    expect(reserve(gate, URL_A, LIMIT, 1_000).at).toBe(1_300);
  });

  it("counts an attempt from when it was made, not from when it could have been", () => {
    const gate = new AttemptGate();
    const early = [reserve(gate, URL_A, LIMIT, 0), reserve(gate, URL_A, LIMIT, 0)];
    for (const slot of early) expect(gate.claim(slot, 700)).toBe(true);
    expect(reserve(gate, URL_A, LIMIT, 700).at).toBe(1_700);
  });

  it("refuses a claim that late timers would make one too many, and counts no attempt then", () => {
    const gate = new AttemptGate();
    const reserved = Array.from({ length: 4 }, () => reserve(gate, URL_A, LIMIT, 0));
    expect(reserved.map((slot) => gate.claim(slot, 5_000))).toEqual([true, true, false, false]);
    // The refused ones wait on, in front of those who ask now.
    expect(reserved.slice(2).map(({ at }) => at)).toEqual([6_000, 6_000]);
    expect(slots(gate, 3, 5_000)).toEqual([7_000, 7_000, 8_000]);
  });

  it("counts by host and port: paths, queries and credentials share a budget, ports do not", () => {
    const gate = new AttemptGate();
    reserve(gate, "wss://a.test/one", LIMIT, 0);
    reserve(gate, "wss://u:p@A.test:443/two?x=1", LIMIT, 0);
    expect(reserve(gate, "wss://a.test/three", LIMIT, 0).at).toBe(1_000);
    expect(reserve(gate, "wss://a.test:8443/one", LIMIT, 0).at).toBe(0);
    expect(reserve(gate, "wss://b.test/one", LIMIT, 0).at).toBe(0);
  });

  it("counts by the given key instead", () => {
    const gate = new AttemptGate({ key: () => "everything" });
    reserve(gate, "wss://a.test/", LIMIT, 0);
    reserve(gate, "wss://b.test/", LIMIT, 0);
    expect(reserve(gate, "wss://c.test/", LIMIT, 0).at).toBe(1_000);
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
    gate.block("wss://bad.test/2", 5_000, 0);
    expect([gate.blockedUntil("wss://bad.test/3"), gate.blockedUntil("wss://good.test/")]).toEqual([
      5_000,
      Number.NEGATIVE_INFINITY,
    ]);
  });

  it("gives a released slot to the next who asks, and to one only", () => {
    const gate = new AttemptGate();
    slots(gate, 2, 0);
    const late = reserve(gate, URL_A, LIMIT, 0);
    gate.release(late, 0);
    expect(slots(gate, 3, 0)).toEqual([1_000, 1_000, 2_000]);
  });

  it("ignores the release of a slot that it no longer knows", () => {
    const gate = new AttemptGate();
    const used = reserve(gate, URL_A, LIMIT, 0);
    gate.claim(used, 0);
    gate.release(used, 0);
    slots(gate, 1, 0);
    gate.release(used, 0);
    expect(slots(gate, 1, 0)).toEqual([1_000]);
  });

  it("lets no connection overtake one that waits for its slot", () => {
    const gate = new AttemptGate();
    slots(gate, 2, 0);
    const waiting = reserve(gate, URL_A, LIMIT, 0);
    const generous = reserve(gate, URL_A, { max: 100, windowMs: 1 }, 500);
    expect(generous.at).toBeGreaterThanOrEqual(waiting.at ?? Number.NaN);
  });

  it("keeps each user's own limit, also when users differ", () => {
    const gate = new AttemptGate();
    const strict = { max: 1, windowMs: 10_000 };
    const loose = { max: 5, windowMs: 10 };
    for (const now of [0, 5_000]) gate.claim(reserve(gate, URL_A, loose, now), now);
    const slot = reserve(gate, URL_A, strict, 5_000);
    expect(slot.at).toBe(15_000);
    expect(gate.claim(slot, 14_999)).toBe(false);
    gate.release(slot, 14_999);
    expect(gate.claim(reserve(gate, URL_A, loose, 14_999), 14_999)).toBe(true);
  });

  describe("when a server asked us to stay away", () => {
    it("gives out no slot before the time that it named, and tells what that is", () => {
      const gate = new AttemptGate();
      expect(gate.blockedUntil(URL_A)).toBe(Number.NEGATIVE_INFINITY);
      gate.block(URL_A, 700, 0);
      expect(gate.blockedUntil(URL_A)).toBe(700);
      expect(reserve(gate, URL_A, LIMIT, 0).at).toBe(700);
    });

    it("refuses the claim of a slot that was given out before", () => {
      const gate = new AttemptGate();
      const reserved = [reserve(gate, URL_A, LIMIT, 0), reserve(gate, URL_A, LIMIT, 0)] as const;
      gate.block(URL_A, 700, 0);
      expect(gate.claim(reserved[0], 699)).toBe(false);
      expect(gate.claim(reserved[1], 700)).toBe(true);
    });

    it("shares the penalty with every path of the host and with no other host", () => {
      const gate = new AttemptGate();
      gate.block(URL_A, 700, 0);
      expect(gate.blockedUntil("wss://a.test/elsewhere")).toBe(700);
      expect(gate.blockedUntil("wss://b.test/")).toBe(Number.NEGATIVE_INFINITY);
      expect(reserve(gate, "wss://b.test/", LIMIT, 0).at).toBe(0);
    });

    it("does not let a later penalty shorten an earlier one", () => {
      const gate = new AttemptGate();
      gate.block(URL_A, 700, 0);
      gate.block(URL_A, 300, 0);
      expect(gate.blockedUntil(URL_A)).toBe(700);
      gate.block(URL_A, 900, 0);
      expect(reserve(gate, URL_A, LIMIT, 0).at).toBe(900);
    });

    it("still spaces the attempts after the penalty by the limit", () => {
      const gate = new AttemptGate();
      gate.block(URL_A, 700, 0);
      expect(slots(gate, 3, 0)).toEqual([700, 700, 1_700]);
    });

    it("remembers the penalty while attempts of other hosts come and go, and until it is over", () => {
      const gate = new AttemptGate();
      gate.block(URL_A, 700, 0);
      attempt(gate, 699, "wss://b.test/");
      expect(gate.blockedUntil(URL_A)).toBe(700);
    });
  });

  it("forgets hosts that are idle, so that a process with many hosts does not grow", () => {
    const stores = vi.spyOn(Map.prototype, "set");
    const gate = new AttemptGate();
    for (let i = 0; i < 50; i++) attempt(gate, 0, `wss://host-${i}.test/`);
    gate.block("wss://penalty.test/", 5_000, 0);
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
    expect(reserve(gate, URL_A, LIMIT, 60_000).at).toBe(60_000);
    expect(reserve(gate, URL_A, LIMIT, 60_000).at).toBe(60_000);
  });
});
