import { describe, expect, it } from "vitest";
import { SESSION_TABLE } from "@oath-ws/venue-ibkr";
import type { SessionPhase, SessionStep } from "@oath-ws/venue-ibkr";

const phases = Object.keys(SESSION_TABLE) as SessionPhase[];

describe("the session's table", () => {
  it("reaches every phase, and leaves each but the last", () => {
    const reached = new Set<SessionPhase>(["unknown"]);
    for (const phase of reached) for (const { to } of steps(phase)) reached.add(to);
    expect([...reached].toSorted()).toEqual(phases.toSorted());
    for (const phase of phases)
      expect(steps(phase).some(({ to }) => to !== phase)).toBe(phase !== "closed");
  });

  it("has a way to `ready` from each but the last", () => {
    for (const phase of phases) {
      const reached = new Set<SessionPhase>([phase]);
      for (const each of reached) for (const { to } of steps(each)) reached.add(to);
      expect(reached.has("ready")).toBe(phase !== "closed");
    }
  });

  it("never asks for a session that another platform has, unless the user says so", () => {
    for (const phase of phases) {
      const { held } = SESSION_TABLE[phase];
      if (held !== undefined) expect(held).toEqual({ to: "competing", effect: "keep" });
    }
    for (const [input, step] of Object.entries(SESSION_TABLE.competing)) {
      const asks = step.effect === "init" || step.effect === "retry" || step.effect === "take";
      expect(asks).toBe(input === "takeOver");
    }
  });

  it("plans something wherever it waits, and nothing where only a person can help", () => {
    for (const phase of phases) {
      for (const { to, effect } of steps(phase)) {
        if (to === "login-required" || to === "closed") expect(effect).toBe("rest");
        else expect(effect).toBeDefined();
      }
    }
  });
});

function steps(phase: SessionPhase): readonly SessionStep[] {
  return Object.values(SESSION_TABLE[phase]);
}
