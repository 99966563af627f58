import { describe, expect, it } from "vitest";
import { TRANSITIONS } from "../../src/core/supervisor-table.js";
import type { Input, State, Step } from "../../src/core/supervisor-table.js";

const STATES = Object.keys(TRANSITIONS) as State[];
const OVER: readonly State[] = ["closed", "unrecoverable", "exhausted"];
const WITH_SOCKET: readonly State[] = [
  "up",
  "stale",
  "reserving",
  "staleReserving",
  "letGo",
  "closing",
];
/** Where a ticket of the gate is out. */
const WITH_TICKET: readonly State[] = ["gated", "reserving", "staleReserving", "letGo"];

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

  it("has no way from closing but to closed, or to unrecoverable by a crash", () => {
    const reached = Array.from(reachable("closing")).toSorted();
    expect(reached).toEqual(["closed", "closing", "unrecoverable"]);
  });

  it.each(OVER)("has no way out of %s", (state) => {
    expect(steps(state)).toEqual([]);
  });

  it.each(STATES)(
    "accepts force, shutdown, granted and crash in %s: they come from outside at any time",
    (state) => {
      for (const input of ["force", "shutdown", "granted", "crash"])
        expect(TRANSITIONS[state]).toHaveProperty(input);
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

  it("dials only with a slot of the gate: every way to an attempt comes from a state with a ticket", () => {
    for (const { from, to, step } of ALL) {
      expect(step.effects.includes("dial")).toBe(to === "dialing");
      if (to === "dialing") expect(WITH_TICKET).toContain(from);
    }
  });

  it("takes a ticket on every way into a state with one, and gives it back on every way out but to an attempt", () => {
    for (const { from, to, step } of ALL) {
      const [had, has] = [WITH_TICKET.includes(from), WITH_TICKET.includes(to)];
      expect(step.effects.includes("reserve")).toBe(!had && has);
      expect(step.effects.includes("release")).toBe(had && !has && to !== "dialing");
    }
  });

  it("tells the gate when the socket of a reconnect that was asked for is gone", () => {
    for (const { from, to, step } of ALL) {
      const lost = WITH_SOCKET.includes(from) && to === "gated";
      expect(step.effects.includes("raise")).toBe(lost);
    }
  });

  it("ends at once and for good when the shell crashes, wherever it is", () => {
    for (const state of STATES.filter((one) => !OVER.includes(one)))
      expect(TRANSITIONS[state].crash).toMatchObject({ to: "unrecoverable" });
  });

  it("draws a delay on every way into the backoff, so that it ends", () => {
    for (const { from, to, step } of ALL) {
      expect(step.effects.includes("delay")).toBe(to === "backoff" && from !== "backoff");
    }
  });

  it("treats a silent socket's ways down like an open one's", () => {
    for (const input of ["retry", "giveUp", "exhaust", "shutdown", "crash"] as const) {
      expect(TRANSITIONS.stale[input]).toEqual(TRANSITIONS.up[input]);
      expect(TRANSITIONS.staleReserving[input]).toEqual(TRANSITIONS.reserving[input]);
    }
  });

  it.each(STATES)("knows all three judgements of a failure in %s, or none", (state) => {
    const known = (["retry", "giveUp", "exhaust"] as const).filter(
      (input) => TRANSITIONS[state][input] !== undefined,
    );
    expect([0, 3]).toContain(known.length);
  });
});
