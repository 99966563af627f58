import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import zlib from "node:zlib";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Recorder } from "../src/index.js";
import type { RecorderOptions } from "../src/index.js";
import {
  controlsOf,
  entriesOf,
  filesIn,
  frame,
  framesOf,
  NOON,
  snapshot,
  tempDir,
} from "./support.js";

const wallNow = (): number => NOON;

async function opened(
  dir: string,
  options: Partial<RecorderOptions> = {},
  change: Parameters<typeof snapshot>[0] = {},
): Promise<Recorder> {
  return await Recorder.open({ dir, wallNow, ...options }, snapshot(change));
}

/** Text that is likely to be mistaken for something else. */
const TRICKY = [
  '{"a":1}',
  "[]",
  '{"oath":1}',
  '{"oath":{"kind":"end"}}',
  ' {"oath":{}}',
  '{"a":\n1}',
  '{"a":1}\r',
  "1",
  '"text"',
  "null",
  "",
  "not json",
  "\ufeff{}",
  '{"a":"\u2028"}',
];

const payload = fc.oneof(
  fc.record({
    kind: fc.constant("text" as const),
    data: fc.oneof(fc.constantFrom(...TRICKY), fc.json(), fc.string({ unit: "binary" })),
  }),
  fc.record({ kind: fc.constantFrom("text", "binary"), data: fc.uint8Array({ maxLength: 40 }) }),
);

describe("the format", () => {
  it.each([
    {},
    { compress: "gzip" },
    { control: "sidecar" },
    { maxBytes: 300, compress: "gzip", control: "sidecar" },
  ] as const)("gives every frame back as it was, with %j", async (options) => {
    const folder = tempDir();
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(payload, { maxLength: 20 }), async (payloads) => {
        const dir = join(folder, String(runs++));
        const recorder = await opened(dir, options);
        const frames = payloads.map(({ kind, data }, index) =>
          frame(index + 1, data, { kind: kind as "text", epoch: 1 + Math.floor(index / 7) }),
        );
        for (const each of frames) recorder.frame(each);
        const stats = await recorder.close();
        expect(stats).toMatchObject({ frames: frames.length, unwritten: 0, error: undefined });
        const read = await entriesOf(filesIn(dir));
        expect(read.filter(({ type }) => type === "malformed")).toEqual([]);
        expect(
          framesOf(read).map(({ kind, data, epoch, seq, unixNs }) => [
            kind,
            Buffer.from(data).toString("hex"),
            epoch,
            seq,
            unixNs,
          ]),
        ).toEqual(
          frames.map(({ kind, data, epoch, seq, receivedAtUnixMs }) => [
            kind,
            Buffer.from(data).toString("hex"),
            epoch,
            seq,
            BigInt(receivedAtUnixMs) * 1_000_000n,
          ]),
        );
      }),
      { numRuns: 40 },
    );
  });

  it("is what the usual reader takes, and states version, name, positions, lag and clock steps", async () => {
    const dir = tempDir();
    const recorder = await opened(dir, { about: { venue: "toy" } });
    recorder.frame(frame(5, '{"id":1}', { at: 0.5 }));
    recorder.sent({ kind: "text", data: "secret" }, 1);
    recorder.frame(frame(6, "hello"));
    recorder.frame(frame(9, '{"id":2}'));
    recorder.lifecycle(snapshot({ phase: "resumed", epoch: 2 }));
    recorder.frame(frame(10, '{"id":3}', { epoch: 2, unixMs: NOON - 60_000 }));
    recorder.gap({ topic: "t", reason: "venue", fromSeq: 7, toSeq: 8 });
    await recorder.close();
    const [file = ""] = filesIn(dir);
    expect(file).toMatch(/venue\.test\.20261130\.0001\.jsonl$/);
    const text = readFileSync(file, "utf8");
    expect(text).not.toContain("secret");
    const lines = text.trimEnd().split("\n");
    for (const line of lines) {
      expect(line.slice(0, 20)).toMatch(/^\d{19} $/);
      JSON.parse(line.slice(20));
    }
    expect(lines).toContain(`${BigInt(NOON) * 1_000_000n + 500_000n} {"id":1}`);
    const controls = controlsOf(await entriesOf(file));
    expect(controls[0]).toEqual({
      kind: "start",
      format: 1,
      connection: { id: "0".repeat(32), name: "venue.test" },
      endpoint: "wss://venue.test",
      about: { venue: "toy" },
    });
    expect(controls.slice(2)).toEqual([
      { kind: "epoch", epoch: 1, seq: 5, lagged: 0, unwritten: 0 },
      { kind: "sent", epoch: 1, opcode: "text", bytes: 6 },
      { kind: "hole", epoch: 1, seq: 9, lagged: 2, unwritten: 0 },
      { kind: "lifecycle", epoch: 2, phase: "resumed" },
      { kind: "clock", stepMs: -60_010 },
      { kind: "epoch", epoch: 2, seq: 10, lagged: 0, unwritten: 0 },
      { kind: "gap", topic: "t", reason: "venue", fromSeq: 7, toSeq: 8 },
      { kind: "end", frames: 4, unwritten: 0 },
    ]);
  });

  it("keeps only venue lines in the main file with a sidecar, and only redacted text of sends", async () => {
    const dir = tempDir();
    const redact = (text: string): string => {
      if (text === "bad") throw new Error("no");
      return text.replace("key", "***");
    };
    const recorder = await opened(dir, { control: "sidecar", redact });
    recorder.frame(frame(1, '{"id":1}'));
    recorder.sent({ kind: "text", data: "key=1" }, 1);
    recorder.sent({ kind: "text", data: "bad" }, 1);
    recorder.frame(frame(2, "plain"));
    recorder.frame(frame(3, '{"id":3}'));
    await recorder.close();
    const [file = ""] = filesIn(dir);
    expect(readFileSync(file, "utf8").replaceAll(/^\d{19} /gm, "")).toBe('{"id":1}\n{"id":3}\n');
    const entries = await entriesOf(file);
    const read = framesOf(entries).map(({ seq, data }) => [seq, Buffer.from(data).toString()]);
    expect(read).toEqual([
      [1, '{"id":1}'],
      [2, "plain"],
      [3, '{"id":3}'],
    ]);
    expect(controlsOf(entries)).toContainEqual(
      expect.objectContaining({ kind: "sent", bytes: 5, text: "***=1" }),
    );
    expect(controlsOf(entries).filter((each) => "text" in each)).toHaveLength(1);
  });
});

describe("files", () => {
  it("rotate by size and by UTC day, and each can be read alone", async () => {
    const dir = tempDir();
    const recorder = await opened(dir, { maxBytes: 600 });
    for (let seq = 1; seq <= 20; seq++) recorder.frame(frame(seq, `{"seq":${seq}}`));
    const tomorrow = NOON + 86_400_000;
    recorder.frame(frame(21, '{"seq":21}', { at: 21 + 86_400_000, unixMs: tomorrow }));
    await recorder.close();
    const files = filesIn(dir);
    expect(files.length).toBeGreaterThan(2);
    expect(files.at(-1)).toContain(".20261201.");
    const alone = (await Promise.all(files.map((file) => entriesOf(file)))).flat();
    expect(framesOf(alone).map(({ seq }) => seq)).toEqual(
      Array.from({ length: 21 }, (_, i) => i + 1),
    );
    expect(framesOf(alone).every(({ seq, json }) => seq === (json as { seq: number }).seq)).toBe(
      true,
    );
  });

  it("are appended to behind the last whole line", async () => {
    const dir = tempDir();
    const first = await opened(dir);
    first.frame(frame(1, '{"id":1}'));
    await first.close();
    const [file = ""] = filesIn(dir);
    appendFileSync(file, '1764500000000000000 {"torn":');
    const second = await opened(
      dir,
      {},
      { connection: { id: "1".repeat(32), name: "venue.test" } },
    );
    second.frame(frame(1, '{"id":2}'));
    await second.close();
    expect(filesIn(dir)).toEqual([file]);
    const entries = await entriesOf(file);
    expect(entries.filter(({ type }) => type === "malformed")).toEqual([]);
    expect(framesOf(entries).map(({ json }) => json)).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it("of a compressed recording are begun afresh, and read up to a torn end", async () => {
    const dir = tempDir();
    for (const id of [1, 2]) {
      const recorder = await opened(dir, { compress: "gzip" });
      recorder.frame(frame(1, `{"id":${id}}`));
      await recorder.flush();
      recorder.frame(frame(2, `{"more":${id}}`));
      await recorder.close();
    }
    const files = filesIn(dir);
    expect(files).toHaveLength(2);
    const bytes = readFileSync(files[0]!);
    writeFileSync(files[0]!, bytes.subarray(0, bytes.length - 12));
    const read = framesOf(await entriesOf(files)).map(({ json }) => json);
    expect(read).toContainEqual({ id: 1 });
    expect(read.slice(-2)).toEqual([{ id: 2 }, { more: 2 }]);
  });

  it("are compressed with zstd where Node has it, and refused in one sentence elsewhere", async () => {
    const dir = tempDir();
    if (!("zstdCompress" in zlib)) {
      await expect(opened(dir, { compress: "zstd" })).rejects.toThrow(/compress: .* use gzip/);
      return;
    }
    const recorder = await opened(dir, { compress: "zstd" });
    recorder.frame(frame(1, '{"id":1}'));
    await recorder.flush();
    recorder.frame(frame(2, '{"id":2}'));
    await recorder.close();
    expect(framesOf(await entriesOf(filesIn(dir))).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it("report everything that is wrong with the options at once", async () => {
    const wrong = { maxBytes: 0, flushMs: Number.NaN, nope: 1 } as Partial<RecorderOptions>;
    await expect(opened("", wrong)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      issues: [{ path: "nope" }, { path: "dir" }, { path: "maxBytes" }, { path: "flushMs" }],
    });
  });
});

describe("other recordings", () => {
  it("of the same lines are read, and malformed lines are told with their place", async () => {
    const file = join(tempDir(), "foreign");
    const stamp = "1764500000000000000";
    writeFileSync(
      file,
      [
        `${stamp} {"a":1}`,
        "12345 {}",
        `${stamp} {"a":`,
        `${stamp}  [2]\r`,
        `${stamp} {"oath":{"kind":"future"}}`,
        `${stamp} {"last":true}`,
      ].join("\n"),
    );
    const entries = await entriesOf(file);
    expect(framesOf(entries).map(({ line, json, seq }) => [line, json, seq])).toEqual([
      [1, { a: 1 }, undefined],
      [4, [2], undefined],
      [6, { last: true }, undefined],
    ]);
    expect(entries.filter(({ type }) => type === "malformed")).toMatchObject([
      { file, line: 2, reason: expect.stringContaining("19 digits") as string },
      { file, line: 3, reason: expect.stringContaining("no JSON") as string, isTorn: false },
      { file, line: 5, reason: expect.stringContaining("this version") as string },
    ]);
  });
});

/** Control objects that no recorder of this version wrote. */
const FOREIGN_CONTROLS: readonly (readonly [string, unknown])[] = [
  ["of a later format", { kind: "start", format: 2, connection: {}, endpoint: "", about: {} }],
  ["that begins a file without an origin", { kind: "start", format: 1, endpoint: "", about: {} }],
  ["with a position as text", { kind: "epoch", epoch: "1", seq: 1, lagged: 0, unwritten: 0 }],
  ["with a position below 0", { kind: "hole", epoch: 1, seq: -4, lagged: 0, unwritten: 0 }],
  ["with a frame of an unknown opcode", { kind: "frame", opcode: "ping", text: "x" }],
  ["with a frame whose text is a number", { kind: "frame", opcode: "text", text: 5 }],
  ["with a frame whose bytes are a list", { kind: "frame", opcode: "binary", base64: [1] }],
  ["with a gap of no topic", { kind: "gap", reason: "venue" }],
  ["with a gap whose ids are text", { kind: "gap", topic: "a", reason: "venue", fromSeq: "1" }],
  ["with an end that counts nothing", { kind: "end" }],
];

describe("a control line", () => {
  it.each(FOREIGN_CONTROLS)("%s is told as malformed, and reading goes on", async (_, oath) => {
    const file = join(tempDir(), "damaged");
    const stamp = "1764500000000000000";
    const good = '{"oath":{"kind":"epoch","epoch":1,"seq":7,"lagged":0,"unwritten":0}}';
    const lines = [good, JSON.stringify({ oath }), '{"a":1}'].map((line) => `${stamp} ${line}\n`);
    writeFileSync(file, lines.join(""));
    const entries = await entriesOf(file);
    expect(entries.map(({ type }) => type)).toEqual(["control", "malformed", "frame"]);
    expect(framesOf(entries)).toMatchObject([{ epoch: 1, seq: 7 }]);
  });
});

describe("trouble", () => {
  it("counts what a slow disk cannot take, in bounded memory, and tells it in the file", async () => {
    const dir = tempDir();
    const recorder = await opened(dir, { maxPendingBytes: 2_000, flushMs: 100_000 });
    for (let seq = 1; seq <= 500; seq++) recorder.frame(frame(seq, `{"seq":${seq}}`));
    const { frames, unwritten } = recorder.stats;
    expect(frames + unwritten).toBe(500);
    expect(unwritten).toBeGreaterThan(300);
    await recorder.flush();
    recorder.frame(frame(501, '{"seq":501}'));
    await recorder.close();
    const entries = await entriesOf(filesIn(dir));
    expect(controlsOf(entries)).toContainEqual({
      kind: "hole",
      epoch: 1,
      seq: 501,
      lagged: 0,
      unwritten,
    });
    expect(framesOf(entries).every(({ seq, json }) => seq === (json as { seq: number }).seq)).toBe(
      true,
    );
  });

  it("tells a write that fails as a typed error, once, and keeps what was written", async () => {
    const dir = tempDir();
    const onError = vi.fn(() => {
      throw new Error("a watcher must not break it");
    });
    const recorder = await opened(dir, { onError, maxBytes: 100 });
    recorder.frame(frame(1, '{"id":1}'));
    await recorder.flush();
    // The next file cannot be made: its name is taken.
    mkdirSync(join(dir, "venue.test.20261130.0002.jsonl"));
    for (let seq = 2; seq <= 5; seq++) recorder.frame(frame(seq, `{"id":${seq}}`));
    await recorder.flush();
    recorder.frame(frame(6, '{"id":6}'));
    const { error, unwritten } = await recorder.close();
    expect(error).toMatchObject({ code: "WRITE_FAILED", cause: { code: "EEXIST" } });
    expect(unwritten).toBe(1);
    expect(onError.mock.calls).toEqual([[error]]);
    expect(framesOf(await entriesOf(filesIn(dir)[0]!)).map(({ seq }) => seq)).toContain(1);
  });
});

// A recorder in a process of its own, from the build.
const BUILD = pathToFileURL(join(import.meta.dirname, "../dist/index.js")).href;
const WRITER = `
  const { Recorder } = await import(${JSON.stringify(BUILD)});
  const connection = { id: "0".repeat(32), name: "venue.test" };
  const snapshot = { connection, endpoint: "wss://venue.test", phase: "connected", epoch: 1 };
  const recorder = await Recorder.open({ dir: process.argv[1], flushMs: 1 }, snapshot);
  const pad = "x".repeat(200);
  for (let seq = 1; recorder.stats.error === undefined; seq++) {
    const data = new TextEncoder().encode(JSON.stringify({ seq, pad }));
    const times = { receivedAt: seq, receivedAtUnixMs: ${NOON} + seq };
      recorder.frame({ kind: "text", data, epoch: 1, seq, ...times });
    if (seq % 100 === 0) { await new Promise((resolve) => setTimeout(resolve, 1)); }
    if (seq === 500) process.stdout.write("going");
  }
  await recorder.close();
  process.stdout.write(recorder.stats.error.code);
`;

describe("a process of its own", () => {
  it("that is killed leaves everything up to the last whole line", async () => {
    const dir = tempDir();
    const child = spawn(process.execPath, ["--input-type=module", "-e", WRITER, dir]);
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "close");
    const entries = await entriesOf(filesIn(dir));
    const seqs = framesOf(entries).map(({ json }) => (json as { seq: number }).seq);
    expect(seqs.length).toBeGreaterThan(100);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    const malformed = entries.filter((entry) => entry.type === "malformed");
    expect(malformed.filter(({ isTorn }) => !isTorn)).toEqual([]);
  });

  it("that fills its disk says so, and every line before is whole", async () => {
    const dir = tempDir();
    // A file system of 256 KiB that only this process sees; what it wrote is copied out.
    const script = [
      `mkdir ${dir}/small && mount -t tmpfs -o size=256k none ${dir}/small`,
      `"$0" --input-type=module -e "$1" ${dir}/small`,
      `mkdir ${dir}/out && cp ${dir}/small/* ${dir}/out`,
    ].join(" && ");
    const args = ["--mount", "sh", "-c", script, process.execPath, WRITER];
    const { stdout, stderr } = spawnSync("unshare", args, { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/DISK_FULL$/);
    const entries = await entriesOf(filesIn(join(dir, "out")));
    expect(entries.filter(({ type }) => type === "malformed")).toEqual([]);
    const seqs = framesOf(entries).map(({ json }) => (json as { seq: number }).seq);
    expect(seqs.length).toBeGreaterThan(500);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });
});
