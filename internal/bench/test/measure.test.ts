import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Child } from "../src/child.js";
import type { ClientApi } from "../src/client/serve.js";
import { NotAvailable } from "../src/errors.js";
import { absentOf, measurePairs, resultsOf } from "../src/measure.js";
import type { Sample } from "../src/model.js";
import { parseOptions } from "../src/options.js";
import { selectRows } from "../src/rows.js";
import { runBench } from "../src/run.js";
import { findRuntimes } from "../src/runtimes.js";
import type { Feeder, Side } from "../src/work.js";
import { aRow } from "./support/a-run.js";

const SAMPLE: Sample = { count: 100, elapsedMs: 10, cpuUs: 50, faults: 5, majors: 0, busy: 1 };
const FEEDER = { ws: "ws://feeder", wss: undefined } as unknown as Feeder;
const EFFORT = { processes: 2, warmUps: 1, rounds: 2, roundMs: 20 };

/** A side whose process is a function. */
function aSide(name: string, log: string[], echo: (count: number) => Sample): Side {
  const call = async (what: string, order: { readonly count?: number }): Promise<unknown> => {
    if (what !== "echo") return undefined;
    log.push(`${name} ${order.count}`);
    return echo(order.count ?? 0);
  };
  const child = { call, end: async () => void log.push(`${name} ends`) };
  return {
    client: { kind: "undici" },
    child: child as unknown as Child<ClientApi>,
    work: { kind: "echo", tls: false, size: 256 },
    path: `/${name}`,
  };
}

test("base and subject take turns, in fresh processes, and the warm-up sizes the rounds", async () => {
  const log: string[] = [];
  const pairs = await measurePairs(
    EFFORT,
    () => ({
      base: aSide("base", log, (count) => ({ ...SAMPLE, count, elapsedMs: count / 10 })),
      subject: aSide("subject", log, (count) => ({ ...SAMPLE, count, elapsedMs: count / 20 })),
    }),
    FEEDER,
  );
  const ends = ["base ends", "subject ends"];
  const baseFirst = ["base 200", "subject 400"];
  const subjectFirst = ["subject 400", "base 200"];
  expect(log).toEqual([
    ...["subject 2000", "base 2000", ...baseFirst, ...subjectFirst, ...ends],
    ...["base 2000", "subject 2000", ...subjectFirst, ...baseFirst, ...ends],
  ]);
  const [result] = resultsOf([aRow({})], pairs);
  expect(result).toMatchObject({
    pairs: [1, 2, 3, 4].map(() => [10_000, 20_000]),
    subject: { faultsPerItem: 0.0125, majorsPerSecond: 0 },
  });
  const [perCpu] = resultsOf([aRow({ figure: "perCpu" })], pairs);
  expect(perCpu).toMatchObject({ pairs: [1, 2, 3, 4].map(() => [4_000_000, 8_000_000]) });
});

test("processes end when a round fails, and the row says why", async () => {
  const log: string[] = [];
  const fail = (): Sample => {
    throw new NotAvailable("this build has none");
  };
  const measured = measurePairs(
    EFFORT,
    () => ({ base: aSide("base", log, () => SAMPLE), subject: aSide("subject", log, fail) }),
    FEEDER,
  );
  const error = await measured.catch((caught: unknown) => caught);
  expect(log).toContain("base ends");
  expect(log).toContain("subject ends");
  expect(absentOf([aRow({})], error)).toEqual([
    { id: "plain-150", absent: "this build has none", expected: true },
  ]);
  expect(absentOf([aRow({})], new Error("lost"))).toMatchObject([{ expected: false }]);
});

test("a pair whose clients did not read the same strings does not count", async () => {
  const side = (name: string, characters: number): Side =>
    aSide(name, [], () => ({ ...SAMPLE, characters }));
  const start = () => ({ base: side("base", 7), subject: side("subject", 8) });
  await expect(measurePairs(EFFORT, start, FEEDER)).rejects.toThrow("the same strings");
});

test("real processes measure a flood, a feature that is missing is told, a lost feeder throws", async () => {
  const rows = [
    aRow({ work: { kind: "flood", tls: true, size: 150 } }),
    aRow({ id: "borrowed", subject: { kind: "undici" }, work: { kind: "send", size: 150 } }),
  ];
  const plan = { rows, node: process.execPath, bun: "/dev/null", quick: true, rounds: 1 };
  const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));
  const run = await runBench({ ...plan, program }, () => undefined);
  expect(run).toMatchObject({ format: 1, node: process.versions.node, short: true });
  const [flood, send] = run.rows;
  if (flood === undefined || "absent" in flood) {
    // A machine without openssl has no certificate for its feeder.
    expect(flood).toMatchObject({ absent: "TLS needs the openssl command", expected: true });
  } else {
    const [[base, subject] = [0, 0], ...more] = flood.pairs;
    expect(more).toEqual([]);
    expect(Math.min(base, subject)).toBeGreaterThan(0);
    expect(flood.subject.cpuNsPerItem).toBeGreaterThan(0);
  }
  expect(send).toMatchObject({
    absent: "it does not tell when a frame has left",
    expected: true,
  });
  await expect(runBench({ ...plan, node: "/dev/null" }, () => undefined)).rejects.toThrow(
    "there is no Node to run at /dev/null",
  );
  await expect(runBench({ ...plan, program: "/dev/null" }, () => undefined)).rejects.toThrow(
    "the feeder ended with code 0",
  );
});

test("runtimes: this Node by its path or version, and nothing is installed for it", () => {
  const own = process.versions.node.split(".")[0] ?? "";
  const { nodes, bun } = findRuntimes([own, "/opt/node"], false);
  expect(nodes).toEqual([process.execPath, "/opt/node"]);
  expect(bun).toBe("bun");
});

test("options: rows by id or beginning, whole rounds, nothing partial is written", () => {
  expect(parseOptions(["--node", "a", "--node", "b"]).nodes).toEqual(["a", "b"]);
  expect(parseOptions(["--quick", "--write"])).toMatchObject({ task: "measure and write" });
  expect(() => parseOptions(["--rounds", "0"])).toThrow("1 to 100");
  expect(() => parseOptions(["--write", "--only", "wss"])).toThrow("every row");
  expect(() => parseOptions(["--from", "x"])).toThrow();
  expect(selectRows(["wss"]).map(({ id }) => id)).toEqual(["wss-150", "wss-1k", "wss-64k"]);
  expect(() => selectRows(["wss", "nothing"])).toThrow("nothing, which no row is called");
});
