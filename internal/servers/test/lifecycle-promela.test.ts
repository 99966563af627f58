import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { describeServer } from "./support/describe-server.js";

const SPIN = [
  { package: "spin", file: "/usr/bin/spin" },
  { package: "gcc", file: "/usr/bin/gcc" },
  { package: "libc6-dev", file: "/usr/include/stdio.h" },
];
const MODEL = fileURLToPath(new URL("support/lifecycle.pml", import.meta.url));
const run = promisify(execFile);

/** What spin says about the model, with one mistake made in it or none. */
async function verify(
  mistake: string,
): Promise<{ readonly verdict: string; readonly states: number }> {
  const cwd = await mkdtemp(join(tmpdir(), "oath-ws-promela-"));
  try {
    await run("spin", [`-D${mistake}`, "-a", MODEL], { cwd });
    // Without partial order reduction: every order, and not one of each kind.
    await run("gcc", ["-DNOREDUCE", "-o", "pan", "pan.c"], { cwd });
    const { stdout } = await run("./pan", ["-m100000"], { cwd });
    // A search that was cut off has shown nothing.
    expect(stdout).not.toMatch(/max search depth too small|out of memory/);
    const verdict =
      /^pan:1: (.*?) \(at depth/m.exec(stdout)?.[1] ?? /errors: \d+/.exec(stdout)?.[0] ?? "nothing";
    return { verdict, states: Number(/(\d+) states, stored/.exec(stdout)?.[1]) };
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

// The second showing, beside the search over the real LifecycleWatch in
// packages/resilience/test/lifecycle-model: there the code, here the idea.
describeServer("the lifecycle as a model in Promela", SPIN, () => {
  it("loses nothing, in any order of turns, for a watcher and a listener", async () => {
    const { verdict, states } = await verify("NOTHING");
    expect(verdict).toBe("errors: 0");
    expect(states).toBeGreaterThan(100_000);
  });

  it.each([
    ["LOST_WAKE", "invalid end state"],
    ["WAKE_ONCE", "invalid end state"],
    ["PHASE_ONLY", "assertion violated ((foundDowns==downs)&&(foundSilences==silences))"],
    ["WITHOUT_SINCE", "assertion violated ( !(waiting)||(seen==version))"],
    ["NO_LAST_LOOK", "assertion violated (final&&(seen==version))"],
    ["NO_LOOK_AFTER_SUBSCRIBE", "assertion violated (final&&(heard==version))"],
    ["CLEARED_TOO_LATE", "assertion violated (final&&(heard==version))"],
  ])("with the mistake %s it is refuted", async (mistake, verdict) => {
    expect((await verify(mistake)).verdict).toBe(verdict);
  });
});
