import { FIELD_IDS } from "./field-ids.js";
import type { FieldName } from "./field-ids.js";

/** A field's value as the venue sends it: most are strings, some are numbers. */
export type FieldValue = string | number;

/** What the last price is. */
export type LastKind = "traded" | "prior-close" | "halted";

/** How live the data is, by the first character of field 6509 (I-26). */
export type Timeliness = "realtime" | "delayed" | "frozen" | "frozen-delayed" | "not-subscribed";

const TIMELINESS: ReadonlyMap<string, Timeliness> = new Map([
  ["R", "realtime"],
  ["D", "delayed"],
  ["Z", "frozen"],
  ["Y", "frozen-delayed"],
  ["N", "not-subscribed"],
]);

/**
 * All that is known of a contract since its stream last began: the venue sends what has changed,
 * and this is the sum. A field that was not heard of since then is `undefined`, never old. Amounts
 * stay the venue's strings. Immutable.
 */
export class Quote {
  readonly conid: number;
  /** The contract and, where it was asked for, the exchange: `265598@SMART`. */
  readonly conidEx: string;
  /** The venue's time of this update, in milliseconds since the epoch. */
  readonly updatedAt: number | undefined;
  /** Every field by number, and `87_raw`. */
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** Numbers of the fields that this update changed. */
  readonly changed: readonly string[];

  constructor(
    conid: number,
    conidEx: string,
    updatedAt: number | undefined,
    fields: Readonly<Record<string, FieldValue>>,
    changed: readonly string[],
  ) {
    this.conid = conid;
    this.conidEx = conidEx;
    this.updatedAt = updatedAt;
    this.fields = fields;
    this.changed = changed;
  }

  /** A field as the venue sent it. */
  raw(field: FieldName): FieldValue | undefined {
    return this.fields[FIELD_IDS[field]];
  }

  /** The last price, without the letter that says what it is: see {@link lastKind}. */
  get last(): string | undefined {
    return this.#text("last")?.replace(/^[CH]/, "");
  }

  /**
   * Whether the last price was traded, is the close of the day before (`C`), or the one at which
   * trading was halted (`H`).
   */
  get lastKind(): LastKind | undefined {
    const text = this.#text("last");
    if (text === undefined) return undefined;
    if (text.startsWith("C")) return "prior-close";
    return text.startsWith("H") ? "halted" : "traded";
  }

  get lastSize(): string | undefined {
    return this.#text("lastSize");
  }

  get bid(): string | undefined {
    return this.#text("bid");
  }

  get bidSize(): string | undefined {
    return this.#text("bidSize");
  }

  get ask(): string | undefined {
    return this.#text("ask");
  }

  get askSize(): string | undefined {
    return this.#text("askSize");
  }

  /** For people: `12.2M`. See {@link volumeRaw}. */
  get volume(): string | undefined {
    return this.#text("volume");
  }

  /** The volume as a number, where the venue sends one. */
  get volumeRaw(): number | undefined {
    return this.#number(this.fields["87_raw"]);
  }

  get change(): string | undefined {
    return this.#text("change");
  }

  /** Since the close of the day before, in percent. */
  get changePercent(): number | undefined {
    return this.#number(this.raw("changePercent"));
  }

  get high(): string | undefined {
    return this.#text("high");
  }

  get low(): string | undefined {
    return this.#text("low");
  }

  get open(): string | undefined {
    return this.#text("open");
  }

  get close(): string | undefined {
    return this.#text("close");
  }

  get priorClose(): string | undefined {
    return this.#text("priorClose");
  }

  get mark(): string | undefined {
    return this.#text("mark");
  }

  get symbol(): string | undefined {
    return this.#text("symbol");
  }

  /** What field 6509 says; ask for `availability` to know. */
  get timeliness(): Timeliness | undefined {
    return TIMELINESS.get(this.#text("availability")?.charAt(0) ?? "");
  }

  #text(field: FieldName): string | undefined {
    const value = this.raw(field);
    return value === undefined ? undefined : String(value);
  }

  #number(value: FieldValue | undefined): number | undefined {
    const number = typeof value === "string" ? Number.parseFloat(value) : value;
    return number === undefined || Number.isNaN(number) ? undefined : number;
  }
}
