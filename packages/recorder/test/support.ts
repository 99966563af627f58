import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LifecycleSnapshot, ReceivedFrame } from "@oath-ws/contract";
import { INITIAL_SNAPSHOT } from "@oath-ws/resilience";
import { onTestFinished } from "vitest";
import { readRecording } from "../src/index.js";
import type { RecordedFrame, RecordingEntry } from "../src/index.js";

/** 2026-11-30, 12:00 UTC. */
export const NOON = Date.UTC(2026, 10, 30, 12);

/** A folder that is removed after the test. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "oath-ws-recorder-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export function snapshot(change: Partial<LifecycleSnapshot> = {}): LifecycleSnapshot {
  const connection = { id: "0".repeat(32), name: "venue.test" };
  return { ...INITIAL_SNAPSHOT, connection, endpoint: "wss://venue.test", ...change };
}

export function frame(
  seq: number,
  data: string | Uint8Array,
  { kind = "text", epoch = 1, at = seq, unixMs = NOON + at }: FrameShape = {},
): ReceivedFrame {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return {
    kind,
    data: bytes,
    epoch,
    seq,
    receivedAt: at,
    receivedAtUnixMs: unixMs,
    text: () => new TextDecoder().decode(bytes),
    copy: () => {
      throw new Error("a recorder does not copy");
    },
  };
}

interface FrameShape {
  readonly kind?: "text" | "binary";
  readonly epoch?: number;
  readonly at?: number;
  readonly unixMs?: number;
}

/** The files of a folder but sidecars, oldest first. */
export function filesIn(dir: string): string[] {
  const names = readdirSync(dir).filter((name) => !name.endsWith(".control"));
  return names.sort().map((name) => join(dir, name));
}

export async function entriesOf(files: string | readonly string[]): Promise<RecordingEntry[]> {
  const entries: RecordingEntry[] = [];
  for await (const entry of readRecording(files)) entries.push(entry);
  return entries;
}

export function framesOf(entries: readonly RecordingEntry[]): RecordedFrame[] {
  return entries.filter((entry) => entry.type === "frame");
}

export function controlsOf(entries: readonly RecordingEntry[]): object[] {
  return entries.flatMap((entry) => (entry.type === "control" ? [entry.control] : []));
}
