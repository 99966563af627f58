import { ConfigError } from "@oath-ws/contract";
import type { ConfigIssue, WsError } from "@oath-ws/contract";
import { numberFault, unknownOptionIssues } from "@oath-ws/resilience";
import { compressor } from "./compression.js";
import type { Compression } from "./compression.js";

/** Options of {@link Recorder.open}. */
export interface RecorderOptions {
  /** The folder of the files; made when it does not exist. */
  readonly dir: string;
  /** Written into the first line of each file. Must hold no secret. Default empty. */
  readonly about?: Readonly<Record<string, string>> | undefined;
  /**
   * Default: plain text. A compressed batch is whole in itself, so that a crash costs the last one
   * only. A compressed file is never appended to: a new process begins a new one.
   */
  readonly compress?: Compression | undefined;
  /**
   * A file with more bytes of lines than this, before compression, is followed by a new one.
   * Default 256 MiB.
   */
  readonly maxBytes?: number | undefined;
  /**
   * Where lines that are no verbatim frames go: `"inline"` (the default), or `"sidecar"`, a second
   * file with `.control` behind its name, for readers that look up keys on every line. Files with
   * a sidecar are never appended to.
   */
  readonly control?: "inline" | "sidecar" | undefined;
  /**
   * Gives what may be written of a frame that was sent: its text without secrets, or `undefined`
   * for its length only. Default: the length only. One that throws counts as `undefined`.
   */
  readonly redact?: ((text: string) => string | undefined) | undefined;
  /**
   * How many bytes of lines may wait for a slow disk. Frames beyond are counted and not written; a
   * control line says how many. Default 64 MiB.
   */
  readonly maxPendingBytes?: number | undefined;
  /**
   * How long lines are collected before they are written, in milliseconds: a process that is killed
   * loses these. Default 50, compressed 1 000.
   */
  readonly flushMs?: number | undefined;
  /**
   * The wall clock in milliseconds, for lines that are no received frames. Default `Date.now`.
   */
  readonly wallNow?: (() => number) | undefined;
  /**
   * Told once when the recording cannot be continued: `DISK_FULL` or `WRITE_FAILED`. Frames are
   * still handed on, and counted as unwritten. What it throws is ignored. Default: see
   * `RecorderStats.error`.
   */
  readonly onError?: ((error: WsError) => void) | undefined;
}

/** Options with their defaults. */
export interface ResolvedRecorderOptions
  extends Pick<RecorderOptions, "compress" | "redact" | "onError"> {
  readonly dir: string;
  readonly about: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  readonly control: "inline" | "sidecar";
  readonly maxPendingBytes: number;
  readonly flushMs: number;
  readonly wallNow: () => number;
}

const MIB = 1_048_576;

const KEYS: Readonly<Record<keyof RecorderOptions, true>> = {
  dir: true,
  about: true,
  compress: true,
  maxBytes: true,
  control: true,
  redact: true,
  maxPendingBytes: true,
  flushMs: true,
  wallNow: true,
  onError: true,
};

/**
 * Lays the options over the defaults.
 *
 * @throws ConfigError listing everything that is wrong
 */
export function resolveRecorderOptions(given: RecorderOptions): ResolvedRecorderOptions {
  const issues: ConfigIssue[] = unknownOptionIssues(given ?? null, KEYS);
  const options = Object(given) as RecorderOptions;
  const { compress } = options;
  const resolved = {
    ...options,
    about: options.about ?? {},
    maxBytes: options.maxBytes ?? 256 * MIB,
    control: options.control ?? "inline",
    maxPendingBytes: options.maxPendingBytes ?? 64 * MIB,
    wallNow: options.wallNow ?? Date.now,
    flushMs: options.flushMs ?? (compress === undefined ? 50 : 1_000),
  } as const;
  if (typeof options.dir !== "string" || options.dir === "")
    issues.push({ path: "dir", message: "must be the path of a folder" });
  for (const [path, least] of [
    ["maxBytes", 1],
    ["maxPendingBytes", 1],
    ["flushMs", 0],
  ] as const) {
    const message = numberFault({ min: least }, resolved[path]);
    if (message !== undefined) issues.push({ path, message });
  }
  for (const path of ["redact", "wallNow", "onError"] as const)
    if (options[path] !== undefined && typeof options[path] !== "function")
      issues.push({ path, message: "must be a function" });
  if (!isTexts(resolved.about))
    issues.push({ path: "about", message: "must be an object whose values are strings" });
  if (resolved.control !== "inline" && resolved.control !== "sidecar")
    issues.push({ path: "control", message: 'must be "inline" or "sidecar"' });
  if (compress !== undefined && compress !== "gzip" && compress !== "zstd")
    issues.push({ path: "compress", message: 'must be "gzip" or "zstd"' });
  else if (compress !== undefined && compressor(compress) === undefined)
    issues.push({ path: "compress", message: "cannot be zstd before Node 22.15; use gzip" });
  if (issues.length > 0) throw new ConfigError(issues);
  return resolved;
}

function isTexts(value: unknown): boolean {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && Object.values(value).every((each) => typeof each === "string");
}
