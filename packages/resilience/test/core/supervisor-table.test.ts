import { describe, expect, it } from "vitest";
import { TRANSITIONS } from "../../src/core/supervisor-table.js";
import type { Input, State, Step } from "../../src/core/supervisor-table.js";

const STATES = Object.keys(TRANSITIONS) as State[];
const OVER: readonly State[] = ["closed", "unrecoverable", "exhausted"];
const WITH_SOCKET: readonly State[] = ["up", "stale", "closing"];

function steps(state: State): { readonly input: Input; readonly step: Step }[] {
  return Object.entries(TRANSITIONS[state]).flatMap(([input, step]) =>
    typeof step === "object" ? [{ input: input as Input, step }] : [],
  );
}

function reachable(from: State): Set<State> {
  const seen = new Set<State>([from]);
  for (const state of seen) for (const { step } of steps(state)) seen.add(step.to);
  return seen;
}

const ALL = STATES.flatMap((from) =>
  steps(from).map(({ input, step }) => ({ from, input, to: step.to, step })),
);

describe("TRANSITIONS", () => {
  it("reaches every state from idle", () => {
    expect(Array.from(reachable("idle")).toSorted()).toEqual(STATES.toSorted());
  });

  it.each(STATES.filter((state) => !OVER.includes(state) && state !== "closing"))(
    "has a way from %s to up",
    (state) => {
      expect(reachable(state)).toContain("up");
    },
  );

  it("has no way from closing but to closed", () => {
    expect(Array.from(reachable("closing")).toSorted()).toEqual(["closed", "closing"]);
  });

  it.each(OVER)("has no way out of %s", (state) => {
    expect(steps(state)).toEqual([]);
  });

  it.each(STATES)(
    "accepts force and shutdown in %s: they come from outside at any time",
    (state) => {
      expect(TRANSITIONS[state]).toHaveProperty("force");
      expect(TRANSITIONS[state]).toHaveProperty("shutdown");
    },
  );

  it("ends the source and the sends exactly on the way into an end, and last", () => {
    for (const { from, to, step } of ALL) {
      const ends = OVER.includes(to) && !OVER.includes(from);
      expect(step.effects.includes("finish")).toBe(ends);
      if (ends) expect(step.effects.at(-1)).toBe("finish");
    }
  });

  it("leaves no socket behind: every way out of a state with one drops it, and no other way does", () => {
    for (const { from, to, step } of ALL) {
      expect(step.effects.includes("drop")).toBe(
        WITH_SOCKET.includes(from) && !WITH_SOCKET.includes(to),
      );
    }
  });

  it("makes a connection of an attempt's socket exactly when an attempt succeeds", () => {
    const adopting = ALL.filter(({ step }) => step.effects.includes("adopt"));
    expect(adopting.map(({ from, input, to }) => [from, input, to])).toEqual([
      ["dialing", "opened", "up"],
    ]);
  });

  it("dials only with a slot of the gate: the only way to an attempt is from gated, and every way to gated reserves", () => {
    for (const { from, to, step } of ALL) {
      expect(step.effects.includes("dial")).toBe(to === "dialing");
      if (to === "dialing") expect(from).toBe("gated");
      expect(step.effects.includes("reserve")).toBe(to === "gated");
      // On the way to an attempt the slot is used up; on any way out it goes to somebody else.
      expect(step.effects.includes("release")).toBe(
        from === "gated" && to !== "dialing" && to !== "gated",
      );
    }
  });

  it("draws a delay on every way into the backoff, so that it ends", () => {
    for (const { to, step } of ALL) expect(step.effects.includes("delay")).toBe(to === "backoff");
  });

  it("treats a silent socket's ways down like an open one's", () => {
    for (const input of ["retry", "giveUp", "exhaust", "force", "shutdown"] as const) {
      expect(TRANSITIONS.stale[input]).toEqual(TRANSITIONS.up[input]);
    }
  });

  it.each(STATES)("knows all three judgements of a failure in %s, or none", (state) => {
    const known = (["retry", "giveUp", "exhaust"] as const).filter(
      (input) => TRANSITIONS[state][input] !== undefined,
    );
    expect([0, 3]).toContain(known.length);
  });
});
