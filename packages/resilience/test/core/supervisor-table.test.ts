import { describe, expect, it } from "vitest";
import { TRANSITIONS } from "../../src/core/supervisor-table.js";
import type { Input, State, Step } from "../../src/core/supervisor-table.js";
import { TRIAL_TRANSITIONS } from "../../src/core/trial-table.js";
import type { TrialState } from "../../src/core/trial-table.js";

const STATES = Object.keys(TRANSITIONS) as State[];
const OVER: readonly State[] = ["closed", "unrecoverable", "exhausted"];
const WITH_SOCKET: readonly State[] = [
  "up",
  "stale",
  "reserving",
  "staleReserving",
  "letGo",
  "parting",
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

  it("leaves no socket behind: every way out of a state with one, or to another, drops it", () => {
    for (const { from, to, step } of ALL) {
      const leaves = WITH_SOCKET.includes(from) && !WITH_SOCKET.includes(to);
      const replaces = WITH_SOCKET.includes(from) && step.effects.includes("adopt");
      expect(step.effects.includes("drop")).toBe(leaves || replaces);
    }
  });

  it("makes a connection of an attempt's socket exactly when an attempt or a trial succeeds", () => {
    const adopting = ALL.filter(({ step }) => step.effects.includes("adopt"));
    expect(adopting.map(({ from, input, to }) => [from, input, to])).toEqual([
      ["dialing", "opened", "up"],
      ["stale", "switch", "up"],
      ["parting", "gone", "up"],
      ["parting", "due", "up"],
    ]);
  });

  it("dials only with a slot of the gate: every way to an attempt comes from a state with a ticket", () => {
    for (const { from, to, step } of ALL) {
      expect(step.effects.includes("dial")).toBe(to === "dialing");
      if (to === "dialing") expect(WITH_TICKET).toContain(from);
    }
  });

  it("takes a ticket on each way into a state with one, gives it back on each way out but to an attempt", () => {
    for (const { from, to, step } of ALL) {
      const [had, has] = [WITH_TICKET.includes(from), WITH_TICKET.includes(to)];
      expect(step.effects.includes("reserve")).toBe(!had && has);
      expect(step.effects.includes("release")).toBe(had && !has && to !== "dialing");
    }
  });

  it("tells the gate when the socket of a reconnect that was asked for is gone", () => {
    for (const { from, to, step } of ALL) {
      const lost = WITH_SOCKET.includes(from) && WITH_TICKET.includes(from) && to === "gated";
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

  it("tries the next endpoint at once only from where an attempt or a connection has failed", () => {
    const states = STATES.filter((state) => "next" in TRANSITIONS[state]);
    expect(states).toEqual(["dialing", "up", "stale"]);
    for (const state of states) expect(TRANSITIONS[state].next).toMatchObject({ to: "gated" });
  });

  it("asks the source where it would ask the gate otherwise, and gives its tickets back first", () => {
    const asking = ALL.filter(({ step }) => step.effects.includes("ask"));
    expect(asking.map(({ from, to }) => [from, to])).toEqual([
      ["idle", "resolving"],
      ["gated", "resolving"],
      ["backoff", "resolving"],
    ]);
  });

  it.each(STATES)("knows all three judgements of a failure in %s, or none", (state) => {
    const known = (["retry", "giveUp", "exhaust"] as const).filter(
      (input) => TRANSITIONS[state][input] !== undefined,
    );
    expect([0, 3]).toContain(known.length);
  });
});

describe("TRIAL_TRANSITIONS", () => {
  const rows = Object.entries(TRIAL_TRANSITIONS);
  const all = rows.flatMap(([from, row]) =>
    Object.values(row).map((step) => ({ from: from as TrialState, step })),
  );

  it("ends from everywhere, and gives back what it holds", () => {
    for (const [from, row] of rows) {
      if (from !== "off") expect(row.end).toMatchObject({ to: "off" });
    }
    expect(TRIAL_TRANSITIONS.gated.end?.effects).toEqual(["release"]);
    expect(TRIAL_TRANSITIONS.dialing.end?.effects).toEqual(["abort"]);
  });

  it("dials only with a slot of the gate, and pauses on every way to the wait", () => {
    for (const { from, step } of all) {
      expect(step.effects.includes("dial")).toBe(from === "gated" && step.to === "dialing");
      expect(step.effects.includes("pause")).toBe(step.to === "waiting");
    }
  });
});
