import { basename } from "node:path";
import { compressor, EXTENSIONS } from "./compression.js";
import { cutTornLine, GrowingFile } from "./growing-file.js";
import { controlLine, stampOf, writableTime } from "./line.js";
import type { Control } from "./line.js";
import { LineWriter } from "./line-writer.js";
import type { LineWriterOptions } from "./line-writer.js";
import { PartNames } from "./part-names.js";
import type { ResolvedRecorderOptions } from "./recorder-options.js";

const DAY_MS = 86_400_000;

/** The lines of one recording, in as many files as size and days make of them. */
export class PartLog {
  readonly #options: ResolvedRecorderOptions;
  readonly #names: PartNames;
  readonly #writer: LineWriter;
  readonly #onBegin: () => void;
  /** What stands in the newest file, if that is to be continued. */
  #existing: { readonly path: string; readonly size: number } | undefined;
  #file: string | undefined;
  /** Of the newest file, in whole days since 1970. */
  #day = -Infinity;
  #partBytes = 0;
  /** Lines of the main file so far, by which a sidecar says where its lines belong. */
  #partLines = 0;
  #bytes = 0;

  private constructor(
    options: ResolvedRecorderOptions,
    names: PartNames,
    onBegin: () => void,
    onFailed: LineWriterOptions["onFailed"],
  ) {
    this.#options = options;
    this.#names = names;
    this.#onBegin = onBegin;
    const { compress, flushMs } = options;
    this.#writer = new LineWriter({
      compress: compress === undefined ? undefined : compressor(compress),
      flushMs,
      onFailed,
    });
  }

  /**
   * Looks at the folder, and cuts a torn last line of a file that will be continued.
   *
   * @param onBegin called at the begin of each file, to write its first lines
   */
  static async open(
    options: ResolvedRecorderOptions,
    name: string,
    onBegin: () => void,
    onFailed: LineWriterOptions["onFailed"],
  ): Promise<PartLog> {
    const { dir, compress, control } = options;
    const extension = `.jsonl${compress === undefined ? "" : EXTENSIONS[compress]}`;
    const names = await PartNames.in(dir, name, extension);
    const log = new PartLog(options, names, onBegin, onFailed);
    const { newest } = names;
    const isPlain = compress === undefined && control === "inline";
    if (newest !== undefined && newest.endsWith(".jsonl") && isPlain) await log.#continue(newest);
    return log;
  }

  /** The file that is written now; `undefined` before the first line. */
  get file(): string | undefined {
    return this.#file;
  }

  /** Bytes of lines so far, before compression. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether more lines would exceed what may wait for the disk. */
  get isFull(): boolean {
    return this.#writer.pendingBytes >= this.#options.maxPendingBytes;
  }

  /** Begins another file when the size or the day of a coming line asks for one. */
  rotate(unixMs: number): void {
    // A number: this is asked for every line, and a date only where a file begins.
    const day = Math.floor(writableTime(unixMs) / DAY_MS);
    // A clock that is set back a little around midnight begins no file.
    const isNewDay = day > this.#day;
    if (this.#file !== undefined && !isNewDay && this.#partBytes < this.#options.maxBytes) return;
    const existing = this.#existing;
    this.#existing = undefined;
    const date = PartNames.dayOf(unixMs);
    const continued = existing !== undefined && basename(existing.path).includes(`.${date}.`);
    const path = continued ? existing.path : this.#names.next(date);
    const main = new GrowingFile(path, continued ? existing.size : undefined);
    const isSidecar = this.#options.control === "sidecar";
    const sidecar = isSidecar ? new GrowingFile(`${path}.control`) : undefined;
    this.#writer.begin({ main, sidecar });
    this.#file = path;
    this.#day = day;
    this.#partBytes = continued ? existing.size : 0;
    this.#partLines = 0;
    this.#onBegin();
  }

  /** Adds a received frame as it came. */
  verbatim(line: string, bytes: number): void {
    this.#partLines++;
    this.#add(line, bytes, false);
  }

  /** Adds a control object. */
  control(unixMs: number, control: Control): void {
    const isSidecar = this.#options.control === "sidecar";
    const placed = isSidecar ? { ...control, after: this.#partLines } : control;
    const line = controlLine(stampOf(unixMs), placed);
    this.#add(line, Buffer.byteLength(line), isSidecar);
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  #add(line: string, bytes: number, isSidecar: boolean): void {
    this.#bytes += bytes + 1;
    this.#partBytes += bytes + 1;
    this.#writer.add(`${line}\n`, bytes + 1, isSidecar);
  }

  async #continue(path: string): Promise<void> {
    const size = await cutTornLine(path);
    if (size < this.#options.maxBytes) this.#existing = { path, size };
  }
}
