import { once } from "node:events";
import type { Socket } from "node:net";
import { AttemptGate, open } from "oath-ws";
import type { OpenOptions } from "oath-ws";
import { describe, expect, it } from "vitest";
import { LEAF_NAMES } from "../hostile/support/hostile-row.js";
import { CountingSignal } from "../support/seams.js";
import { outcomeOf, REASON } from "./support/outcome.js";
import { CONNECT_STEPS } from "./support/steps.js";
import type { StepScene } from "./support/steps.js";

/** One attempt, and no other after it: what becomes of the one is then what becomes of `open()`. */
function options(scene: StepScene, timeoutMs: number, more: OpenOptions = {}): OpenOptions {
  // A gate of its own: several scenes use one name, and would wait for each other.
  return {
    ...scene.options,
    gate: new AttemptGate(),
    config: { connect: { timeoutMs }, attempts: { maxAttempts: 1 } },
    ...more,
  };
}

/** Enough for a step to be reached on a busy machine; what hangs takes as long. */
const SHORT_MS = 100;
/** Never within a test. */
const LONG_MS = 3_600_000;

async function allGone(sockets: readonly Socket[]): Promise<void> {
  await Promise.all(
    sockets.map(async (socket) => socket.closed || once(socket, "close").catch(() => undefined)),
  );
}

const CASES = LEAF_NAMES.flatMap((leaf) => CONNECT_STEPS.map((step) => ({ leaf, ...step })));

describe.each(CASES)("connecting with the $leaf leaf, when $name", ({ leaf, hangs, fails }) => {
  it("hangs for ever, fails within connect.timeoutMs", async () => {
    const scene = await hangs();
    expect(await outcomeOf(open(scene.url, options(scene, SHORT_MS, { transport: leaf })))).toBe(
      "ATTEMPTS_EXHAUSTED < CONNECT_TIMEOUT",
    );
    await allGone(scene.sockets());
  });

  it("fails, says so", async () => {
    const scene = await fails();
    const outcome = await outcomeOf(open(scene.url, options(scene, LONG_MS, { transport: leaf })));
    expect(outcome).toMatch(/^ATTEMPTS_EXHAUSTED < /);
    expect(outcome.replace("ATTEMPTS_EXHAUSTED < ", "")).toMatch(scene.code);
    await allGone(scene.sockets());
  });

  it("is where the signal is aborted, rejects with the reason", async () => {
    const scene = await hangs();
    const signal = new CountingSignal();
    const opening = outcomeOf(
      open(scene.url, options(scene, LONG_MS, { transport: leaf, signal })),
    );
    await scene.reached;
    signal.abort(REASON);
    expect(await opening).toBe("aborted");
    expect(signal.listeners).toBe(0);
    await allGone(scene.sockets());
  });

  it("is where shutdown comes, is given up", async () => {
    const scene = await hangs();
    const feed = await open(
      scene.url,
      options(scene, LONG_MS, { transport: leaf, awaitFirst: false }),
    );
    const reading = outcomeOf(feed.source.readable());
    const changing = outcomeOf(watchToTheEnd(feed.lifecycle));
    const sending = outcomeOf(feed.sink.send("x", { whileDown: "wait", deadlineMs: LONG_MS }));
    await scene.reached;
    await feed.control.shutdown({ timeoutMs: LONG_MS });
    expect(await Promise.all([reading, changing, sending])).toEqual([
      "resolved false",
      "resolved false",
      "SHUT_DOWN",
    ]);
    expect(feed.lifecycle.snapshot).toMatchObject({ phase: "closed", exhausted: false, epoch: 0 });
    await allGone(scene.sockets());
  });
});

async function watchToTheEnd(
  lifecycle: Awaited<ReturnType<typeof open>>["lifecycle"],
): Promise<boolean> {
  while (await lifecycle.changed());
  return false;
}
