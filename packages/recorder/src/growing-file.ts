import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

const NEWLINE = 0x0a;
const TAIL_BYTES = 65_536;

/** One file that grows by whole lines. */
export class GrowingFile {
  readonly #path: string;
  #handle: FileHandle | undefined;
  readonly #isNew: boolean;
  #size: number;

  /** @param size of an existing file, behind which lines go; `undefined` makes a new file. */
  constructor(path: string, size?: number) {
    this.#path = path;
    this.#isNew = size === undefined;
    this.#size = size ?? 0;
  }

  /**
   * Appends a batch. When it fails the file is cut behind the last whole line (`isText`) or before
   * the batch, and the error is thrown.
   */
  async append(batch: Buffer, isText: boolean): Promise<void> {
    this.#handle ??= await open(this.#path, this.#isNew ? "wx" : "r+");
    const handle = this.#handle;
    let written = 0;
    try {
      while (written < batch.length) {
        const length = batch.length - written;
        const { bytesWritten } = await handle.write(batch, written, length, this.#size + written);
        written += bytesWritten;
      }
      this.#size += written;
    } catch (error) {
      const whole = isText ? batch.subarray(0, written).lastIndexOf(NEWLINE) + 1 : 0;
      this.#size += whole;
      await handle.truncate(this.#size).catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}

/** Cuts a torn last line. Returns the size of what stays. */
export async function cutTornLine(path: string): Promise<number> {
  const handle = await open(path, "r+");
  try {
    const { size } = await handle.stat();
    let end = size;
    const tail = Buffer.alloc(TAIL_BYTES);
    while (end > 0) {
      const from = Math.max(0, end - TAIL_BYTES);
      const { bytesRead } = await handle.read(tail, 0, end - from, from);
      const at = tail.subarray(0, bytesRead).lastIndexOf(NEWLINE);
      if (at >= 0) {
        end = from + at + 1;
        break;
      }
      end = from;
    }
    if (end < size) await handle.truncate(end);
    return end;
  } finally {
    await handle.close();
  }
}
