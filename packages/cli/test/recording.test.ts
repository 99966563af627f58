import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBinanceSim, startCoinbaseSim } from "@oath-ws/sim";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { BIN, records, start } from "./support/run-cli.js";
import { here } from "./support/run-here.js";

function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "oath-ws-recording-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function filesIn(dir: string): string[] {
  return readdirSync(dir)
    .sort()
    .map((name) => join(dir, name));
}

interface Gap {
  readonly topic: string;
  readonly fromId: number;
  readonly toId: number;
  readonly reason: string;
}

async function verified(...args: readonly string[]) {
  const { code, out, err } = await here("verify", "--json", ...args);
  const lines = records(out);
  const gaps = lines.filter(({ type }) => type === "gap") as unknown as Gap[];
  return { code, err, gaps, summary: lines.at(-1) };
}

describe("record, replay and verify of a venue", () => {
  it("agree on every event and gap, and twenty planted holes are found, no more", async () => {
    const dir = tempDir();
    const streams = "btcusdt@trade,ethusdt@depth@100ms";
    await using sim = await startBinanceSim({ market: { stepMs: 5 } });
    const recording = start(
      ...["record", "--venue", "binance", streams, "--url", sim.url, "--out", dir, "--json"],
    );
    const lines = (): string[] =>
      filesIn(dir).flatMap((file) => readFileSync(file, "utf8").split("\n"));
    const trades = (): number => lines().filter((line) => line.includes('"btcusdt@trade"')).length;
    const more = async (count: number): Promise<void> => {
      const enough = trades() + count;
      while (trades() < enough) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await more(20);
    sim.faults.gap({ symbol: "BTCUSDT", events: 3 });
    await more(20);
    sim.faults.dropConnections();
    await more(80);
    recording.interrupt();
    const { code, out, err } = await recording.ended;
    expect([code, err]).toEqual([0, ""]);
    const summary = records(out).at(-1);
    expect(summary).toMatchObject({ type: "summary", unwritten: 0 });
    // Both streams may lose something with the reset, the trades lost what the venue left out.
    const gaps = Number(summary?.["gaps"]);
    expect(gaps).toBeGreaterThanOrEqual(2);
    const files = filesIn(dir);
    expect(files).toHaveLength(1);
    const [file = ""] = files;

    const clean = await verified(file);
    expect(clean).toMatchObject({ code: 0, err: "" });
    expect(clean.summary).toMatchObject({ venue: "binance", malformed: 0, unannounced: 0 });
    expect(clean.gaps).toHaveLength(gaps);
    const reasons = new Set(clean.gaps.map(({ reason }) => reason));
    expect(reasons).toEqual(new Set(["venue", "reconnect"]));

    const replay = await here("replay", file, "--speed", "max", "--json");
    expect([replay.code, replay.err]).toEqual([0, ""]);
    const events = records(replay.out).filter(({ type }) => type === "event");
    const recorded = lines().filter((line) => line.includes('{"stream":'));
    expect(events).toHaveLength(recorded.length);
    expect(records(replay.out).at(-1)).toMatchObject({ type: "summary", gaps, epochs: 2 });

    // Trades in the middle of an epoch, none beside another or beside a hole that is there.
    const all = lines();
    const trade = (line: string): number =>
      line.includes('"btcusdt@trade"') ? Number(/"t":(\d+)/.exec(line)?.[1]) : Number.NaN;
    const places = all.flatMap((line, at) => (Number.isNaN(trade(line)) ? [] : [at]));
    const ids = places.map((at) => trade(all[at]!));
    const inside = places.filter(
      (_, i) => ids[i - 1] === ids[i]! - 1 && ids[i + 1] === ids[i]! + 1 && i % 3 === 1,
    );
    const dropped = inside.slice(0, 20);
    expect(dropped).toHaveLength(20);
    const holed = join(tempDir(), "holed.jsonl");
    writeFileSync(holed, all.filter((_, at) => !dropped.includes(at)).join("\n"));
    const found = await verified(holed);
    expect(found.code).toBe(1);
    expect(found.err).toMatch(/20 gaps are not announced/);
    const planted = found.gaps.filter(({ reason }) => reason === "unannounced");
    expect(planted.map(({ topic, fromId, toId }) => [topic, fromId, toId])).toEqual(
      dropped.map((at) => ["btcusdt@trade", trade(all[at]!), trade(all[at]!)]),
    );
    expect(found.gaps).toHaveLength(20 + gaps);

    // The same as another recorder writes it: no control lines, and so no announcements.
    const foreign = join(tempDir(), "foreign");
    writeFileSync(foreign, all.filter((line) => !line.includes('{"oath"')).join("\n"));
    const other = await verified(foreign);
    expect(other.code).toBe(1);
    expect(other.gaps.map(({ reason }) => reason)).toEqual(Array(gaps).fill("unannounced"));
  });

  it("follow the numbers of Coinbase's connections, compressed too", async () => {
    const dir = tempDir();
    await using sim = await startCoinbaseSim({ products: ["BTC-USD"] });
    const { seen, interrupt, ended } = start(
      ...["record", "--venue", "coinbase", "ticker:BTC-USD", "--url", sim.url],
      ...["--out", dir, "--json", "--compress", "gzip"],
    );
    await seen(/"type":"progress","frames":[1-9]\d/);
    interrupt();
    expect((await ended).code).toBe(0);
    const [file = ""] = filesIn(dir);
    expect(file).toMatch(/\.gz$/);
    expect(await verified(file)).toMatchObject({
      code: 0,
      gaps: [],
      summary: { venue: "coinbase" },
    });
    const stamp = "1764500000000000000";
    const frame = (number: number): string =>
      `${stamp} {"channel":"ticker","sequence_num":${number},"events":[]}`;
    const foreign = join(dir, "foreign");
    writeFileSync(foreign, [5, 6, 9, 10, 0, 1].map(frame).join("\n"));
    const { code, gaps } = await verified(foreign);
    expect(code).toBe(1);
    expect(gaps).toMatchObject([{ fromId: 7, toId: 8, reason: "unannounced" }]);
  });
});

it("record of a URL sends --send again in every epoch, and replay prints what tail would have", async () => {
  const dir = tempDir();
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => {
    server.close();
  });
  await once(server, "listening");
  let connections = 0;
  server.on("connection", (socket) => {
    const isFirst = ++connections === 1;
    socket.on("message", (text: Buffer) => {
      socket.send(`{"echo":"${text.toString()}"}`);
      if (isFirst) socket.close(4001, "again");
      else recording.interrupt();
    });
  });
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/canary-path?key=canary`;
  const recording = start("record", url, "--send", "hello", "--out", dir);
  const { code, out, err } = await recording.ended;
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^summary: frames 2 .*gaps 0, lagged 0, unwritten 0, .*\.jsonl$/m);
  const files = filesIn(dir);
  expect(files.map((file) => readFileSync(file, "utf8")).join()).not.toContain("canary");
  const replay = await here("replay", ...files, "--speed", "max");
  expect([replay.code, replay.err]).toEqual([0, ""]);
  expect(replay.out.match(/^\{"echo":"hello"\}$/gm)).toHaveLength(2);
  expect(replay.out).toMatch(/resumed: epoch 2/);
  expect((await verified(...files)).err).toMatch(/of no venue that has rules/);
});

it.each([
  ["record", "Exit codes", ["record", "ws://127.0.0.1:1"], /--out is missing/],
  ["replay", "Exit codes", ["replay"], /usage: oath-ws replay/],
  ["verify", "Exit codes", ["verify", "x", "--venue", "constructor"], /no rules for "constructor"/],
  ["replay", "Examples", ["replay", "x", "--speed", "fast"], /speed: must be finite/],
  ["record", "Examples", ["record", "ws://127.0.0.1:1", "--out", "x", "--sim"], /go with --venue/],
] as const)("%s has --help with %s, and refuses %j", async (verb, part, args, message) => {
  const help = await here(verb, "--help");
  expect([help.code, help.err]).toEqual([0, ""]);
  expect(help.out).toContain(part);
  const refused = await here(...args);
  expect([refused.code, refused.out]).toEqual([2, ""]);
  expect(refused.err).toMatch(message);
});

it("record ends when it cannot write any more, with the simulated venue that it started", () => {
  const args = ["record", "--venue", "binance", "btcusdt@trade", "--sim", "--out", tempDir()];
  // No file may have more than a few KiB.
  const limited = 'ulimit -f 8 && trap "" XFSZ && exec "$0" "$@"';
  const { status, stderr } = spawnSync("sh", ["-c", limited, process.execPath, BIN, ...args], {
    encoding: "utf8",
    timeout: 20_000,
  });
  expect(stderr).toMatch(/cannot be written \(EFBIG\)/);
  expect(status).toBe(1);
});

it("replay of something that is no recording says so, and fails", async () => {
  const file = join(tempDir(), "notes.txt");
  writeFileSync(file, "no recording\n");
  const { code, err } = await here("replay", file, "--speed", "max");
  expect(code).toBe(1);
  expect(err).toContain(`${file}:1: it does not begin with 19 digits`);
  expect(err).toContain("no recorded connection is in what was given");
});
