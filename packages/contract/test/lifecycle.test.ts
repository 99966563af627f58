import { describe, expect, it } from "vitest";
import type { Phase } from "../src/index.js";
import { isTerminal } from "../src/index.js";

/** Spelled out for every phase: a new one does not compile here until its row is decided. */
const TERMINAL: Record<Phase, boolean> = {
  connecting: false,
  connected: false,
  stale: false,
  reconnecting: false,
  resumed: false,
  unrecoverable: true,
  closed: true,
};

describe("isTerminal", () => {
  it.each(Object.entries(TERMINAL) as [Phase, boolean][])("%s: %s", (phase, terminal) => {
    expect(isTerminal(phase)).toBe(terminal);
  });
});
