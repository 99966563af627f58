import type { WsError } from "@oath-ws/contract";
import type { GrowingFile } from "./growing-file.js";
import { recordError } from "./record-error.js";

/** A batch that is worth a write of its own, in bytes. */
const BATCH_BYTES = 262_144;

/** Where the lines of one part of a recording go. */
export interface PartFiles {
  readonly main: GrowingFile;
  /** For control lines; `undefined` when they stand in the main file. */
  readonly sidecar: GrowingFile | undefined;
}

interface Part {
  readonly files: PartFiles;
  lines: string[];
  sidecarLines: string[];
  bytes: number;
  isComplete: boolean;
}

/** Options of {@link LineWriter}. */
export interface LineWriterOptions {
  /** Compresses one batch of the main file; `undefined` for plain text. */
  readonly compress: ((batch: Buffer) => Promise<Buffer>) | undefined;
  /** How long lines are collected before they are written, in milliseconds. */
  readonly flushMs: number;
  /** Called once, when the files cannot be written any more. Must not throw. */
  readonly onFailed: (error: WsError) => void;
}

/**
 * Writes lines to files, one batch at a time, in the order in which they were given. It never
 * throws and never rejects: a failure is final and goes to `onFailed`.
 */
export class LineWriter {
  readonly #options: LineWriterOptions;
  #parts: Part[] = [];
  #pendingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #draining: Promise<void> | undefined;
  #failed = false;

  constructor(options: LineWriterOptions) {
    this.#options = options;
  }

  /** Bytes of lines that are not written yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Lines from now on go to these files. */
  begin(files: PartFiles): void {
    this.#complete();
    this.#parts.push({ files, lines: [], sidecarLines: [], bytes: 0, isComplete: false });
  }

  /** Takes a line with its line end. `bytes` is its length in UTF-8, or close to it. */
  add(line: string, bytes: number, isSidecar: boolean): void {
    const part = this.#parts.at(-1);
    if (this.#failed || part === undefined) return;
    (isSidecar ? part.sidecarLines : part.lines).push(line);
    part.bytes += bytes;
    this.#pendingBytes += bytes;
    if (this.#draining !== undefined) return;
    if (this.#pendingBytes >= BATCH_BYTES) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), this.#options.flushMs);
  }

  /** Resolves when everything that was added so far is written, or has failed. */
  async flush(): Promise<void> {
    // A drain under way also takes what was added meanwhile.
    this.#draining ??= this.#drain();
    await this.#draining;
  }

  /** Writes what is left and closes the files. */
  async close(): Promise<void> {
    this.#complete();
    await this.flush();
    // The drain may have been about to end when the last part was completed.
    await this.flush();
  }

  #complete(): void {
    const last = this.#parts.at(-1);
    if (last !== undefined) last.isComplete = true;
  }

  async #drain(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      for (let part = this.#parts[0]; part !== undefined; part = this.#parts[0]) {
        if (part.bytes > 0) await this.#write(part);
        else if (part.isComplete) {
          await close(part.files);
          this.#parts.shift();
        } else break;
      }
    } catch (error) {
      this.#failed = true;
      const parts = this.#parts;
      this.#parts = [];
      this.#pendingBytes = 0;
      for (const { files } of parts) await close(files).catch(() => undefined);
      this.#options.onFailed(recordError(error));
    } finally {
      this.#draining = undefined;
    }
  }

  async #write(part: Part): Promise<void> {
    const { lines, sidecarLines, bytes, files } = part;
    part.lines = [];
    part.sidecarLines = [];
    part.bytes = 0;
    // Control lines first: a process that is killed in between loses frames and no control line.
    if (sidecarLines.length > 0)
      await files.sidecar?.append(Buffer.from(sidecarLines.join("")), true);
    // Without lines as well: the file exists as soon as its sidecar does.
    const batch = Buffer.from(lines.join(""));
    const { compress } = this.#options;
    if (compress === undefined || lines.length === 0) await files.main.append(batch, true);
    else await files.main.append(await compress(batch), false);
    this.#pendingBytes -= bytes;
  }
}

async function close({ main, sidecar }: PartFiles): Promise<void> {
  await main.close();
  await sidecar?.close();
}
