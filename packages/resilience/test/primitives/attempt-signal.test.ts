import { expect, it } from "vitest";
import { AttemptSignal } from "../../src/primitives/attempt-signal.js";

it("the signal of an attempt tells each listener once, and none that has stopped listening", () => {
  const signal = new AttemptSignal();
  const told: unknown[] = [];
  const listen = (name: string): (() => void) => {
    const listener = (): void => void told.push([name, signal.aborted, signal.reason]);
    signal.addEventListener("abort", listener);
    return listener;
  };
  listen("a");
  signal.removeEventListener("abort", listen("b"));
  signal.addEventListener("abort", () => signal.abort("again"));
  expect(signal.aborted).toBe(false);
  signal.abort("first");
  signal.abort("second");
  listen("late");
  expect(told).toEqual([["a", true, "first"]]);
  expect(signal.reason).toBe("first");
});
