import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { connections, frames, reconnects } from "./parts.js";
import type { Leaf, PartResult } from "./parts.js";
import { endurancePage } from "./report.js";

const USAGE = `usage: npm run endurance -- [options]

  --reconnects n     default 10000
  --frames n         default 100000000
  --connections n    default 1000
  --seconds n        how long the connections are held; default 60
  --leaf ws|direct   default: one after the other
  --json             one JSON object, every sample in it
  --write            into docs/reports/endurance.md
`;

const LEAVES: readonly Leaf[] = ["ws", "direct"];

function whole(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`${flag} takes a whole number from 1, not ${JSON.stringify(text)}`);
  return value;
}

function options() {
  const { values } = parseArgs({
    options: {
      reconnects: { type: "string", default: "10000" },
      frames: { type: "string", default: "100000000" },
      connections: { type: "string", default: "1000" },
      seconds: { type: "string", default: "60" },
      leaf: { type: "string" },
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const leaves = LEAVES.filter((leaf) => values.leaf === undefined || values.leaf === leaf);
  if (leaves.length === 0)
    throw new Error(`--leaf is ws or direct, not ${JSON.stringify(values.leaf)}`);
  return {
    reconnects: whole("--reconnects", values.reconnects),
    frames: whole("--frames", values.frames),
    connections: whole("--connections", values.connections),
    seconds: whole("--seconds", values.seconds),
    leaves,
    json: values.json,
    write: values.write,
    help: values.help,
  };
}

async function main(): Promise<number> {
  let asked: ReturnType<typeof options>;
  try {
    asked = options();
  } catch (error) {
    process.stderr.write(
      `endurance: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`,
    );
    return 2;
  }
  if (asked.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const server = fork(new URL("server.js", import.meta.url));
  const [port] = (await once(server, "message")) as [number];
  const base = `ws://127.0.0.1:${port}`;
  const results: Record<string, PartResult[]> = { reconnects: [], frames: [], connections: [] };
  try {
    for (const leaf of asked.leaves) {
      process.stderr.write(`endurance: leaf ${leaf}\n`);
      results["reconnects"]?.push(await reconnects(base, leaf, asked.reconnects));
      results["frames"]?.push(await frames(base, leaf, asked.frames));
      results["connections"]?.push(await connections(base, leaf, asked.connections, asked.seconds));
    }
  } finally {
    server.disconnect();
  }
  const page = endurancePage(results, new Date());
  process.stdout.write(asked.json ? `${JSON.stringify(results)}\n` : page);
  if (asked.write)
    writeFileSync(new URL("../../../../docs/reports/endurance.md", import.meta.url), page);
  const failed = Object.values(results)
    .flat()
    .filter(({ flat, unaccounted }) => !flat || unaccounted !== 0);
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = await main();
