// The examples of docs/howto/test-in-virtual-time.md with the fake timers of test libraries.
// packages/testing/test/docs.test.ts compares the two.
import { open } from "oath-ws";
import { useFakeTimers } from "sinon";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startServer } from "../stack/support.js";

// #region setup
const TO_FAKE = ["setTimeout", "clearTimeout", "Date", "performance"] as const;
const STEP_MS = 100;

/** Moves a fake clock in steps, and lets the real sockets speak after each. */
async function pass(ms: number, move: (ms: number) => Promise<unknown>): Promise<void> {
  for (let passed = 0; passed < ms; passed += STEP_MS) {
    await move(STEP_MS);
    await new Promise((resolve) => void setImmediate(resolve)); // not faked
  }
}
// #endregion

// #region vitest
describe("with vitest's fake timers", () => {
  afterEach(() => void vi.useRealTimers());

  it("a server that answers stays connected for a minute, and a silent one becomes stale", async () => {
    await using server = await startServer({ autoPong: false });
    vi.useFakeTimers({ toFake: [...TO_FAKE] });
    await using feed = await open(server.url);
    const socket = await server.socket(0);
    const answer = (): void => socket.pong();

    socket.on("ping", answer);
    await pass(60_000, (ms) => vi.advanceTimersByTimeAsync(ms));
    expect(feed.lifecycle.snapshot).toMatchObject({ phase: "connected", staleCount: 0 });

    socket.off("ping", answer);
    await pass(12_000, (ms) => vi.advanceTimersByTimeAsync(ms));
    expect(feed.lifecycle.snapshot.phase).toBe("stale");
  });
});
// #endregion

// #region sinon
describe("with sinon's fake timers", () => {
  it("waits out a backoff of minutes in a moment", async () => {
    await using server = await startServer();
    const clock = useFakeTimers({ toFake: [...TO_FAKE] });
    try {
      await using feed = await open(server.url, {
        config: { backoff: { minMs: 120_000, maxMs: 120_000 } },
      });
      (await server.socket(0)).terminate();
      await pass(1_000, (ms) => clock.tickAsync(ms));
      expect(feed.lifecycle.snapshot.phase).toBe("reconnecting");

      await pass(240_000, (ms) => clock.tickAsync(ms));
      expect(feed.lifecycle.snapshot).toMatchObject({ phase: "resumed", epoch: 2 });
    } finally {
      clock.restore();
    }
  });
});
// #endregion

describe("the limits of fake timers", () => {
  afterEach(() => void vi.useRealTimers());

  it("a synchronous jump shows nothing: the connection's own turns have not come", async () => {
    await using server = await startServer({ autoPong: false });
    vi.useFakeTimers({ toFake: [...TO_FAKE] });
    await using feed = await open(server.url);
    vi.advanceTimersByTime(12_000);
    expect(feed.lifecycle.snapshot.phase).toBe("connected");
    await pass(12_000, (ms) => vi.advanceTimersByTimeAsync(ms));
    expect(feed.lifecycle.snapshot.phase).not.toBe("connected");
  });

  it("timers that are faked without the clocks never fire", async () => {
    await using server = await startServer({ autoPong: false });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await using feed = await open(server.url);
    vi.advanceTimersByTime(12_000);
    expect(feed.lifecycle.snapshot.phase).toBe("connected");
  });
});
