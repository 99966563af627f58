import { isConfigError } from "@oath-ws/contract";
import { afterEach, beforeEach, expect, it } from "vitest";
import { directConnector, open, wsConnector } from "../src/index.js";
import { wsServer } from "./support/connections.js";

// What only Bun itself can show is in scripts/runtimes; this is that it is told apart.
beforeEach(() => {
  Object.defineProperty(process.versions, "bun", { value: "1.4.5", configurable: true });
});
afterEach(() => {
  Reflect.deleteProperty(process.versions, "bun");
});

it("open() refuses npm ws on Bun, which has none, and names the other transport", async () => {
  const failure = await open("ws://127.0.0.1:9", { transport: "ws" }).catch(
    (error: unknown) => error,
  );
  expect(isConfigError(failure) && failure.issues).toEqual([
    { path: "transport", message: expect.stringMatching(/on Bun.*"direct"/) as string },
  ]);
  expect(() => wsConnector()).toThrow(/Bun/);
});

it("open() needs no option on Bun: the default is the direct transport", async () => {
  const { url } = await wsServer();
  await using feed = await open(url);
  expect(feed.lifecycle.snapshot.phase).toBe("connected");
  expect(() => directConnector()).not.toThrow();
});
