import { createReadStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "@oath-ws/contract";
import type { ConfigIssue } from "@oath-ws/contract";
import { decompressor } from "./compression.js";
import { asControl } from "./control.js";
import { CONTROL_PREFIX, STAMP_DIGITS, textOf } from "./line.js";
import type { Control } from "./line.js";
import { platformCode } from "./record-error.js";

interface Place {
  readonly file: string;
  /** 1 for the first. */
  readonly line: number;
}

/** A received frame of a recording. */
export interface RecordedFrame extends Place {
  readonly type: "frame";
  /** When it was received, in nanoseconds of the wall clock since 1970. */
  readonly unixNs: bigint;
  readonly kind: "text" | "binary";
  readonly data: Uint8Array;
  /** What its text says as JSON; `undefined` for a frame that is none. */
  readonly json: unknown;
  /** As `ReceivedFrame.epoch` and `seq`; `undefined` in files of other recorders. */
  readonly epoch: number | undefined;
  readonly seq: number | undefined;
}

/** What the recorder wrote down beside the received frames. */
export interface RecordedControl extends Place {
  readonly type: "control";
  readonly unixNs: bigint;
  readonly control: Exclude<Control, { kind: "frame" }>;
}

/** A line that could not be read. Reading goes on behind it. */
export interface MalformedLine extends Place {
  readonly type: "malformed";
  readonly reason: string;
  /** It is the last line of its file and has no end: the process that wrote it was killed. */
  readonly isTorn: boolean;
}

/** One line of a recording. */
export type RecordingEntry = RecordedFrame | RecordedControl | MalformedLine;

/**
 * Reads recordings, line by line: files of one connection in the order in which they were written,
 * compressed or not, with their sidecars. Files of other recorders have the same lines (19 digits,
 * a space, JSON) and no control lines. Rejects with a ConfigError for files that are no paths and
 * for a folder, and with the platform's error when a file cannot be read.
 */
export async function* readRecording(
  files: string | readonly string[],
): AsyncGenerator<RecordingEntry> {
  const issues = fileIssues(files);
  if (issues.length > 0) throw new ConfigError(issues);
  for (const file of typeof files === "string" ? [files] : files) {
    const place = new PlaceInStream();
    const sidecar = await sidecarOf(file);
    let lines = 0;
    let next = 0;
    for await (const line of linesOf(file)) {
      for (; (sidecar[next]?.after ?? Infinity) <= lines; next++)
        yield entryOf(sidecar[next] as Line, place);
      lines++;
      yield entryOf(line, place);
    }
    for (const line of sidecar.slice(next)) yield entryOf(line, place);
  }
}

/** What is wrong with the files of a recording, for callers without a compiler. */
export function fileIssues(files: unknown): ConfigIssue[] {
  const list: unknown = typeof files === "string" ? [files] : files;
  const isPaths =
    Array.isArray(list) && list.every((file) => typeof file === "string" && file !== "");
  return isPaths ? [] : [{ path: "files", message: "must be a path, or a list of paths" }];
}

interface Line extends Place {
  readonly bytes: Buffer;
  readonly isTorn: boolean;
  /** The decompressor failed here. */
  readonly fault?: string;
}

/** Counts frames from the last position that the file states. */
class PlaceInStream {
  #epoch: number | undefined;
  #seq: number | undefined;

  set({ epoch, seq }: { readonly epoch: number; readonly seq: number }): void {
    this.#epoch = epoch;
    this.#seq = seq;
  }

  next(): { readonly epoch: number | undefined; readonly seq: number | undefined } {
    const seq = this.#seq;
    if (seq !== undefined) this.#seq = seq + 1;
    return { epoch: this.#epoch, seq };
  }
}

function entryOf({ file, line, bytes, isTorn, fault }: Line, place: PlaceInStream): RecordingEntry {
  const malformed = (reason: string): MalformedLine => ({
    type: "malformed",
    file,
    line,
    reason,
    isTorn,
  });
  if (fault !== undefined) return malformed(fault);
  const stamp = bytes.subarray(0, STAMP_DIGITS).toString("latin1");
  if (!/^\d{19}$/.test(stamp) || bytes[STAMP_DIGITS] !== 0x20)
    return malformed("it does not begin with 19 digits and a space");
  const data = bytes.subarray(STAMP_DIGITS + 1);
  // Bytes that are no text become the empty text, which is no JSON either.
  const text = textOf(data) ?? "";
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return malformed("what stands behind the time is no JSON");
  }
  const common = { file, line, unixNs: BigInt(stamp) };
  if (!text.startsWith(CONTROL_PREFIX))
    return { type: "frame", ...common, kind: "text", data, json, ...place.next() };
  const control = asControl(json);
  if (control === undefined) return malformed("it is no control object of this version");
  if (control.kind === "epoch" || control.kind === "hole") place.set(control);
  if (control.kind !== "frame") return { type: "control", ...common, control };
  const { opcode, text: plain, base64 } = control;
  const payload = plain === undefined ? Buffer.from(base64 ?? "", "base64") : Buffer.from(plain);
  return {
    type: "frame",
    ...common,
    kind: opcode,
    data: payload,
    json: undefined,
    ...place.next(),
  };
}

async function* linesOf(file: string): AsyncGenerator<Line> {
  const chunks: Buffer[] = [];
  let line = 1;
  try {
    for await (const chunk of await contentOf(file)) {
      let from = 0;
      for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, from)) {
        chunks.push(chunk.subarray(from, at));
        yield lineOf(file, line++, chunks, false);
        from = at + 1;
      }
      if (from < chunk.length) chunks.push(chunk.subarray(from));
    }
  } catch (error) {
    if (!isDecompression(error)) throw error;
    chunks.length = 0;
    yield { file, line, bytes: Buffer.alloc(0), isTorn: true, fault: error.message };
  }
  // A whole line without an end is what some recorders write last; a torn one is no JSON.
  if (chunks.length > 0) yield lineOf(file, line, chunks, true);
}

function lineOf(file: string, line: number, chunks: Buffer[], isTorn: boolean): Line {
  const bytes = Buffer.concat(chunks);
  chunks.length = 0;
  const isCrLf = bytes.at(-1) === 0x0d;
  return { file, line, bytes: isCrLf ? bytes.subarray(0, -1) : bytes, isTorn };
}

async function contentOf(file: string): Promise<AsyncIterable<Buffer>> {
  const handle = await open(file);
  const head = Buffer.alloc(4);
  try {
    await handle.read(head, 0, head.length, 0);
  } catch (error) {
    if (platformCode(error) !== "EISDIR") throw error;
    const message = `${file} is a folder: name its files, such as ${join(file, "*.jsonl")}`;
    throw new ConfigError([{ path: "files", message }]);
  } finally {
    await handle.close();
  }
  const stream = createReadStream(file);
  const decompress = decompressor(head);
  if (decompress === undefined) return stream;
  stream.on("error", (error) => decompress.destroy(error));
  return stream.pipe(decompress);
}

function isDecompression(error: unknown): error is Error {
  return /^(Z_|ZSTD_|ERR_ZSTD)/.test(platformCode(error) ?? "");
}

/** Lines of the sidecar, with the number of frames of the main file that come before them. */
async function sidecarOf(file: string): Promise<(Line & { readonly after: number })[]> {
  const path = `${file}.control`;
  const content = await readFile(path).catch((error: unknown) => {
    if (platformCode(error) === "ENOENT") return undefined;
    throw error;
  });
  const found: (Line & { readonly after: number })[] = [];
  if (content === undefined) return found;
  let after = 0;
  const lines = content.toString("utf8").split("\n");
  for (const [index, text] of lines.entries()) {
    const isTorn = index === lines.length - 1;
    if (isTorn && text === "") break;
    // A line that cannot be read stands behind the one before it.
    after = Number(/"after":(\d+)\}\}$/.exec(text)?.[1] ?? after);
    found.push({ file: path, line: index + 1, bytes: Buffer.from(text), isTorn, after });
  }
  return found;
}
