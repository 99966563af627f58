import { readdirSync } from "node:fs";
import { createWorld } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { record, Recorder, recordingConnector, replayConnector, tee } from "../src/index.js";
import type { RecorderOptions, ReplayOptions } from "../src/index.js";
import { entriesOf, filesIn, frame, framesOf, snapshot, tempDir } from "./support.js";

describe("options of a recorder", () => {
  it.each<[string, unknown, string]>([
    ["nothing", undefined, "options"],
    ["null", null, "options"],
    ["text", "folder", "options"],
    ["a list", [], "options"],
    ["about, which is a number", { about: 5 }, "about"],
    ["about, of which a value is a number", { about: { venue: 5 } }, "about"],
    ["about, which is a list", { about: ["binance"] }, "about"],
    ["redact, which is no function", { redact: "all" }, "redact"],
    ["wallNow, which is a time", { wallNow: 5 }, "wallNow"],
    ["onError, which is no function", { onError: {} }, "onError"],
  ])("are refused before a file is made: %s", async (_, options, path) => {
    const dir = tempDir();
    const isFields = typeof options === "object" && options !== null && !Array.isArray(options);
    const given = (isFields ? { dir, ...options } : options) as RecorderOptions;
    await expect(Recorder.open(given, snapshot())).rejects.toMatchObject({
      name: "ConfigError",
      issues: expect.arrayContaining([expect.objectContaining({ path })]) as unknown,
    });
    expect(readdirSync(dir)).toEqual([]);
  });

  it("may be clocks and callbacks that give nonsense: what is written can be read", async () => {
    const dir = tempDir();
    const redact = (() => ({ a: 1 })) as unknown as (text: string) => string;
    const recorder = await Recorder.open({ dir, wallNow: () => Number.NaN, redact }, snapshot());
    const times = [Number.NaN, -5, 1e30, Infinity, 1_764_500_000_000];
    for (const [index, receivedAtUnixMs] of times.entries())
      recorder.frame({ ...frame(index + 1, `{"n":${index}}`), receivedAtUnixMs });
    recorder.sent({ kind: "text", data: "secret" }, 1);
    recorder.gap({ topic: "a", reason: "venue", fromSeq: Number.NaN, toSeq: 4 });
    await recorder.close();
    await recorder.close();
    recorder.frame(frame(9, "{}"));
    const entries = await entriesOf(filesIn(dir));
    expect(entries.filter(({ type }) => type === "malformed")).toEqual([]);
    expect(framesOf(entries)).toHaveLength(times.length);
  });
});

describe("what is no recording, no connection and no connector", () => {
  it.each([undefined, null, 5, {}, [5], [""], ""])("is named: files of %j", async (files) => {
    const wrong = { name: "ConfigError", issues: [{ path: "files" }] };
    await expect(entriesOf(files as string)).rejects.toMatchObject(wrong);
    const { timer } = createWorld();
    await expect(replayConnector(files as string, { timer })).rejects.toMatchObject(wrong);
  });

  it("is named: a folder in the place of its files", async () => {
    const dir = tempDir();
    const message = expect.stringContaining(`${dir} is a folder: name its files`) as string;
    const wrong = { name: "ConfigError", issues: [{ path: "files", message }] };
    await expect(entriesOf(dir)).rejects.toMatchObject(wrong);
  });

  it.each<[unknown, string]>([
    [undefined, "options"],
    [5, "options"],
    [{}, "timer"],
    [{ timer: { now: () => 0 } }, "timer"],
    [{ sped: 2 }, "sped"],
    [{ speed: -1 }, "speed"],
    [{ speed: Number.NaN }, "speed"],
    [{ sendWaitMs: -1 }, "sendWaitMs"],
    [{ sendWaitMs: Number.NaN }, "sendWaitMs"],
  ])("is named: options of a replay %j", async (options, path) => {
    const replaying = replayConnector("no file", options as ReplayOptions);
    await expect(replaying).rejects.toMatchObject({
      name: "ConfigError",
      issues: expect.arrayContaining([expect.objectContaining({ path })]) as unknown,
    });
  });

  it.each([undefined, null, 5, {}])("is named: %j", async (value) => {
    const none = value as never;
    const path = (name: string): unknown => expect.objectContaining({ issues: [named(name)] });
    const named = (name: string): unknown => expect.objectContaining({ path: name });
    await expect(record(none, { dir: tempDir() })).rejects.toEqual(path("connection"));
    expect(() => tee(none, none)).toThrow(path("connection"));
    expect(() => recordingConnector(none, { dir: tempDir() })).toThrow(path("inner"));
  });
});
