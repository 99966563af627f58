import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { writableTime } from "./line.js";

/** Names of the files of one recording: `venue.test_443.20261130.0001.jsonl`. */
export class PartNames {
  readonly #dir: string;
  readonly #prefix: string;
  readonly #extension: string;
  #number: number;
  /** The newest file that was there before, as a path. */
  readonly newest: string | undefined;

  private constructor(dir: string, prefix: string, extension: string, found: readonly string[]) {
    this.#dir = dir;
    this.#prefix = prefix;
    this.#extension = extension;
    const numbers = found.map((name) => numberIn(name, prefix) ?? 0);
    this.#number = Math.max(0, ...numbers);
    const newest = found.find((_name, index) => numbers[index] === this.#number);
    this.newest = newest === undefined ? undefined : join(dir, newest);
  }

  /** Makes the folder and looks at what is in it. Rejects with the platform's error. */
  static async in(dir: string, name: string, extension: string): Promise<PartNames> {
    await mkdir(dir, { recursive: true });
    const prefix = name.replaceAll(/[^A-Za-z0-9._-]/g, "_");
    const found = (await readdir(dir)).filter(
      (each) => numberIn(each, prefix) !== undefined && !each.endsWith(".control"),
    );
    return new PartNames(dir, prefix, extension, found);
  }

  /** The day, as it stands in names, of a time in milliseconds. */
  static dayOf(unixMs: number): string {
    return new Date(writableTime(unixMs)).toISOString().slice(0, 10).replaceAll("-", "");
  }

  /** The path of the next file. Names sort in the order in which they were made. */
  next(day: string): string {
    const number = String(++this.#number).padStart(4, "0");
    return join(this.#dir, `${this.#prefix}.${day}.${number}${this.#extension}`);
  }
}

function numberIn(name: string, prefix: string): number | undefined {
  if (!name.startsWith(`${prefix}.`)) return undefined;
  const match = /^(\d{8})\.(\d{4,})\.jsonl/.exec(name.slice(prefix.length + 1));
  return match === null ? undefined : Number(match[2]);
}
