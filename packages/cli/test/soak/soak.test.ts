import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run, start } from "../support/run-cli.js";

interface Printed {
  readonly kind: string;
  readonly client: string;
  readonly fault: string;
  readonly recoveredMs: number | null;
  readonly verdict: readonly string[];
}

function rows(out: string): Printed[] {
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Printed);
}

/** Each name after its own flag. */
const all = (flag: string, names: readonly string[]): string[] =>
  names.flatMap((name) => [flag, name]);

const OURS = all("--client", ["oath-ws", "oath-ws-over-ws"]);

// They mostly wait, so they wait together.
describe.concurrent("oath-ws soak", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "oath-ws-soak-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const driver = (name: string, source: string): string => {
    const file = join(folder, `${name}.mjs`);
    writeFileSync(file, source);
    return file;
  };

  // Times are for the comparison, which is made on a quiet machine: here only what holds on any.
  it("drives both leaves through breaks, and they come back with every loss announced", {
    timeout: 90_000,
  }, async () => {
    const faults = all("--fault", ["reset", "provider", "send-gap", "burst"]);
    const { out, err } = await run("soak", "--json", "--watch", "20s", ...OURS, ...faults);
    const printed = rows(out);
    expect(printed, err).toHaveLength(8);
    for (const row of printed) {
      expect(row).toMatchObject({
        kind: "driven",
        repeated: 0,
        late: { texts: 0 },
        unhandled: [],
        gaveUp: false,
      });
      expect(row.recoveredMs).not.toBeNull();
      expect(row).not.toMatchObject({ announced: false });
      if (row.fault === "burst") expect(row).toMatchObject({ lost: 0, attempts: 0 });
    }
  });

  it("counts one attempt of ours under Retry-After, and a few at a door that closes at once", {
    timeout: 90_000,
  }, async () => {
    const faults = all("--fault", ["refused-401", "refused-429", "close-1000"]);
    const { out, err } = await run("soak", "--json", "--watch", "3s", ...OURS, ...faults);
    const printed = rows(out);
    expect(printed, err).toHaveLength(6);
    for (const row of printed) {
      expect(row).toMatchObject({
        kind: "driven",
        announced: true,
        // A refusal that lasts for seconds ends no feed that has been up.
        gaveUp: false,
      });
      if (row.fault === "refused-429") expect(row).toMatchObject({ refused: 1 });
      expect(row.verdict.filter((fault) => fault.includes("attempts"))).toEqual([]);
    }
  });

  it("says what a client does not do, and fails only when it is ours", {
    timeout: 60_000,
  }, async () => {
    const clients = all("--client", ["oath-ws", "ws"]);
    const { code, out, err } = await run(
      "soak",
      "--json",
      "--watch",
      "1s",
      "--fault",
      "half-open",
      ...clients,
    );
    const verdict = ["not noticed in 1 s", "loses without a word"];
    expect(rows(out)).toMatchObject([
      { name: "oath-ws", attempts: 0, announced: false, verdict },
      { name: "ws", attempts: 0, announced: false, verdict },
    ]);
    expect(err).toContain("not right: oath-ws with half-open\n");
    expect(code).toBe(1);
  });

  it("says why a driver is of no use, goes on, and fails", { timeout: 60_000 }, async () => {
    const useless: readonly (readonly [name: string, source: string, reason: string])[] = [
      ["empty", "", "no default export with a start() method"],
      ["nothing", "export default null;", "no default export with a start() method"],
      ["idle", "export default {};", "no default export with a start() method"],
      ["wrong", "export default { title: 5, start() {} };", "title must be a string"],
      ["broken", "export default {", "SyntaxError"],
      ["loud", "throw new Error('needs a newer Node');", "needs a newer Node"],
      [
        "late",
        "export default { start() { throw new Error('no such venue'); } };",
        "no such venue",
      ],
      ["gone", "export default { start() { process.exit(3); } };", "its process ended with code 3"],
      [
        "liar",
        "export default { start({ frame }) { frame(Number.NaN); return {}; } };",
        "a frame with the number NaN",
      ],
      [
        "seer",
        "export default { start({ frame }) { for (let id = 1; id < 30; id++) frame(1e9 + " +
          "id); return {}; } };",
        "reports frame 1000000029, which was never sent",
      ],
    ];
    const clients = all(
      "--client",
      useless.map(([name, source]) => driver(name, source)),
    );
    const { code, out, err } = await run("soak", "--json", "--fault", "reset", ...clients);
    expect(rows(out)).toMatchObject(
      useless.map(([client, , reason]) => ({
        kind: "unfit",
        client,
        reason: expect.stringContaining(reason) as unknown,
      })),
    );
    expect(err).toMatch(/^oath-ws: cannot be driven: .*empty\.mjs with reset, /);
    expect(code).toBe(1);
  });

  it("is not disturbed by what a driver prints or tells its parent", {
    timeout: 60_000,
  }, async () => {
    const chatty = driver(
      "chatty",
      `import { WebSocket } from ${JSON.stringify(import.meta.resolve("ws"))};
       console.log("{garbage");
       process.stderr.write("garbage");
       process.send?.("ready");
       export default { start({ url, frame, said }) {
         process.send?.({ type: "frames", ranges: 7 });
         const socket = new WebSocket(url);
         socket.on("message", (text) => { console.log(text); frame(JSON.parse(text).id); });
         socket.on("close", () => said("down"));
         return null;
       } };`,
    );
    const faults = all("--fault", ["provider", "send-gap", "renewal", "burst"]);
    const { code, out, err } = await run(
      "soak",
      "--json",
      "--watch",
      "1s",
      "--client",
      chatty,
      ...faults,
    );
    expect(rows(out).map(({ fault, kind }) => `${fault}: ${kind}`)).toEqual([
      "provider: inapplicable",
      "send-gap: inapplicable",
      "renewal: inapplicable",
      "burst: driven",
    ]);
    expect(err).toBe("");
    expect(code).toBe(0);
  });

  it("is stopped by Ctrl-C, and leaves no process behind", { timeout: 60_000 }, async () => {
    const note = join(folder, "pids.json");
    const stuck = driver(
      "stuck",
      `import { spawn } from "node:child_process";
       import { renameSync, writeFileSync } from "node:fs";
       export default { start() {
         const { pid } = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
         writeFileSync(${JSON.stringify(`${note}.part`)}, JSON.stringify([process.pid, pid]));
         renameSync(${JSON.stringify(`${note}.part`)}, ${JSON.stringify(note)});
         for (;;);
       } };`,
    );
    const running = start("soak", "--client", stuck, "--fault", "reset", "--fault", "mute");
    while (!existsSync(note)) await sleep(10);
    running.interrupt();
    const { code, err } = await running.ended;
    expect(err).toContain("stopped after 0 of 2 rows");
    expect(code).toBe(1);
    for (const pid of JSON.parse(readFileSync(note, "utf8")) as number[]) {
      while (isAlive(pid)) await sleep(10);
    }
  });

  it.each([
    [["--client", "unheard"], 'unknown client "unheard"'],
    [["--fault", "rain"], 'unknown fault "rain" (known: half-open,'],
    [["--watch", "soon"], "--watch takes a duration"],
    [["--wait", "1s"], "Unknown option '--wait'"],
  ])("refuses %j", async (args, message) => {
    const { code, err } = await run("soak", ...args);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });
});

/** Whether there is such a process, and not only its exit code that was not fetched. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch (error) {
    // Where there is no such folder the signal has the last word.
    return (error as NodeJS.ErrnoException).code === "ENOENT" && !existsSync("/proc/self");
  }
}
