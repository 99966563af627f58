import { expect, it } from "vitest";
import { ProbeSignal } from "../../src/conformance/probe-signal.js";

it("ProbeSignal calls its listeners with the reason set, and counts those that stay", () => {
  const signal = new ProbeSignal();
  const seen: unknown[] = [];
  const listener = (): void => {
    seen.push(signal.reason, signal.aborted);
  };
  signal.addEventListener("abort", listener);
  signal.addEventListener("abort", () => seen.push("other"));
  expect(signal.listenerCount).toBe(2);
  signal.abort("why");
  expect(seen).toEqual(["why", true, "other"]);
  signal.removeEventListener("abort", listener);
  expect(signal.listenerCount).toBe(1);
});
