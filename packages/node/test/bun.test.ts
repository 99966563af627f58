import { isConfigError } from "@oath-ws/contract";
import { afterEach, beforeEach, expect, it } from "vitest";
import { directConnector, open, wsConnector } from "../src/index.js";

// What only Bun itself can show is in scripts/runtimes; this is that it is told apart.
beforeEach(() => {
  Object.defineProperty(process.versions, "bun", { value: "1.4.5", configurable: true });
});
afterEach(() => {
  Reflect.deleteProperty(process.versions, "bun");
});

it("refuses the ws leaf on Bun, which has no npm ws, and names the other", async () => {
  const failure = await open("ws://127.0.0.1:9").catch((error: unknown) => error);
  expect(isConfigError(failure) && failure.issues).toEqual([
    { path: "leaf", message: expect.stringMatching(/on Bun.*"direct"/) as string },
  ]);
  expect(() => wsConnector()).toThrow(/Bun/);
});

it("lets the direct leaf be", () => {
  expect(() => directConnector()).not.toThrow();
});
