import { describe, expect, it } from "vitest";
import { RollingWindow } from "../../src/core/rolling-window.js";

describe("RollingWindow", () => {
  it("is ready at any time before the first event", () => {
    const window = new RollingWindow(1, 1_000);
    expect(window.isReady(0)).toBe(true);
    expect(window.isReady(-1e9)).toBe(true);
    expect(window.readyAt).toBe(Number.NEGATIVE_INFINITY);
  });

  it("counts a window half-open: an event is out of it exactly windowMs later", () => {
    const window = new RollingWindow(1, 1_000);
    window.charge(100);
    expect(window.isReady(1_099.999)).toBe(false);
    expect(window.isReady(1_100)).toBe(true);
    expect(window.readyAt).toBe(1_100);
  });

  it("lets no second burst through where a token bucket would: the limit holds across any window", () => {
    const window = new RollingWindow(3, 1_000);
    for (const at of [0, 900, 950]) window.charge(at);
    expect(window.readyAt).toBe(1_000);
    window.charge(1_000);
    // 900, 950 and 1000 are within one window; the next place is free when 900 leaves it.
    expect(window.readyAt).toBe(1_900);
  });

  it("is held back by events that did not ask", () => {
    const window = new RollingWindow(2, 1_000);
    for (const at of [0, 10, 20, 30]) window.charge(at);
    expect(window.readyAt).toBe(1_020);
  });
});
