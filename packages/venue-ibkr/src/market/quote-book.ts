import { Quote } from "./quote.js";
import type { FieldValue } from "./quote.js";

/**
 * Members of a frame that are no market data. `6119` repeats `server_id`, which changes with every
 * session.
 */
const NO_FIELDS: ReadonlySet<string> = new Set([
  "server_id",
  "conidEx",
  "conid",
  "_updated",
  "topic",
  "6119",
]);

/** Puts the venue's partial updates together, by topic. */
export class QuoteBook {
  readonly #quotes = new Map<string, Quote>();

  /** Forgets what was known: the topic begins again. */
  forget(topic: string): void {
    this.#quotes.delete(topic);
  }

  /** Forgets everything: frames may be missing. */
  clear(): void {
    this.#quotes.clear();
  }

  /**
   * Adds an update. `undefined` when it says nothing new: the second of the two snapshots that come
   * together, or a frame without `conid`, which the venue sends as well (I-27).
   */
  merge(topic: string, frame: Readonly<Record<string, unknown>>): Quote | undefined {
    const { conid, conidEx, _updated } = frame;
    if (typeof conid !== "number") return undefined;
    const before = this.#quotes.get(topic);
    const changed: string[] = [];
    let fields: Fields | undefined;
    for (const name in frame) {
      if (NO_FIELDS.has(name)) continue;
      const value = frame[name];
      if (
        (typeof value !== "string" && typeof value !== "number") ||
        before?.fields[name] === value
      )
        continue;
      fields ??= copyOf(before?.fields);
      fields[name] = value;
      changed.push(name);
    }
    const updatedAt = typeof _updated === "number" ? _updated : before?.updatedAt;
    if (fields === undefined && before !== undefined && updatedAt === before.updatedAt)
      return undefined;
    const quote = new Quote(
      conid,
      typeof conidEx === "string" ? conidEx : String(conid),
      updatedAt,
      fields ?? before?.fields ?? copyOf(undefined),
      changed,
    );
    this.#quotes.set(topic, quote);
    return quote;
  }
}

type Fields = Record<string, FieldValue>;

/** Has no prototype: the venue names the fields, and `__proto__` must be a name like any other. */
function copyOf(fields: Readonly<Fields> | undefined): Fields {
  return Object.assign(Object.create(null) as Fields, fields);
}
