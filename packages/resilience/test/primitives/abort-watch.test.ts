import { describe, expect, it } from "vitest";
import { AbortWatch } from "../../src/primitives/abort-watch.js";
import { FakeSignal } from "../support/fake-signal.js";

describe("AbortWatch", () => {
  it("listens once to a signal, gives up its items with its reason, and lets it go", () => {
    const given: unknown[] = [];
    const watch = new AbortWatch<string>((item, reason) => void given.push([item, reason]));
    const signal = new FakeSignal();
    for (let i = 0; i < 100; i++) watch.add(signal, `${i % 3}`);
    expect(signal.listenerCount).toBe(1);
    watch.delete(signal, "1");
    watch.delete(signal, "1");
    signal.abort("why");
    expect(given).toEqual([
      ["0", "why"],
      ["2", "why"],
    ]);
    expect(signal.listenerCount).toBe(0);
  });

  it("stops listening when the last item is settled, and may begin again", () => {
    const given: unknown[] = [];
    const watch = new AbortWatch<string>((item) => void given.push(item));
    const signal = new FakeSignal();
    watch.add(signal, "a");
    watch.delete(signal, "a");
    expect(signal.listenerCount).toBe(0);
    watch.add(signal, "b");
    signal.abort("why");
    expect(given).toEqual(["b"]);
  });
});
