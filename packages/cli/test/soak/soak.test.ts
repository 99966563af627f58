import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../support/run-cli.js";

interface Printed {
  readonly client: string;
  readonly fault: string;
  readonly unfit?: string;
  readonly attempts: number;
  readonly announced: boolean | null;
  readonly verdict: readonly string[];
}

function rows(out: string): Printed[] {
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Printed);
}

describe("oath-ws soak", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "oath-ws-soak-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("drives both leaves through faults that are over soon, and finds them right", async () => {
    const faults = ["reset", "provider", "refused-429"].flatMap((fault) => ["--fault", fault]);
    const { code, out } = await run(
      "soak",
      "--json",
      "--watch",
      "5s",
      "--client",
      "oath-ws",
      "--client",
      "oath-ws-direct",
      ...faults,
    );
    const printed = rows(out);
    expect(printed.map(({ client, fault }) => `${client}: ${fault}`)).toHaveLength(6);
    for (const { attempts, verdict, unfit } of printed)
      expect({ attempts, verdict, unfit }).toEqual({ attempts: 1, verdict: [] });
    expect(code).toBe(0);
  });

  it("says of a bare client what it does not do, which is no failure of the run", async () => {
    const { code, out } = await run("soak", "--json", "--watch", "1s", "--client", "ws", "--fault", "half-open");
    expect(rows(out)).toMatchObject([
      {
        client: "ws, bare",
        attempts: 0,
        announced: false,
        verdict: ["not noticed", "does not come back", "loses without a word"],
      },
    ]);
    expect(code).toBe(0);
  });

  it("says why a client cannot be driven, and goes on", async () => {
    const broken = join(folder, "broken.mjs");
    const idle = join(folder, "idle.mjs");
    writeFileSync(broken, "export default {};");
    writeFileSync(idle, "export default { title: 'idle', start() { throw new Error('needs a newer Node'); } };");
    const { code, out } = await run("soak", "--json", "--client", broken, "--client", idle, "--fault", "reset");
    expect(rows(out)).toMatchObject([
      { client: "broken", unfit: expect.stringContaining("start()") as unknown },
      { client: "idle", unfit: expect.stringContaining("needs a newer Node") as unknown },
    ]);
    expect(code).toBe(0);
  });

  it.each([
    [["--client", "nobody"], 'unknown client "nobody"'],
    [["--fault", "rain"], 'unknown fault "rain" (known: half-open,'],
    [["--watch", "soon"], "--watch takes a duration"],
  ])("refuses %j", async (args, message) => {
    const { code, err } = await run("soak", ...args);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });
});
