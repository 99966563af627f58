import { Buffer } from "node:buffer";

/**
 * How this works. Each byte of the answer is judged when it comes, by the part of the line that it
 * stands in, so that the same bytes give the same result wherever they are cut, and the first fault
 * in their order is the one that is thrown. A line whose end has not come waits in one buffer.
 * Interim answers are dropped when they end.
 */

/** The head of the final answer (RFC 9112 section 2.1). */
export interface AnswerHead {
  readonly status: number;
  /**
   * Names in lower case. Fields that are there more than once are joined with `", "` (RFC 9110
   * section 5.3), and of those that Node keeps once the first counts.
   */
  readonly headers: Readonly<Record<string, string>>;
}

/** Header lines that an answer may have. Node's HTTP client keeps as many. */
const MAX_FIELDS = 2000;

/** Interim answers (1xx) that may come before the final one. */
const MAX_INTERIM = 100;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;

const DIGITS = "0123456789";

/** What may stand at each place before the reason (RFC 9112 section 4); no status begins with 0. */
const STATUS_LINE = ["H", "T", "T", "P", "/", "1", ".", "01", " ", "123456789", DIGITS, DIGITS];
const PROTOCOL_LENGTH = "HTTP/1.1".length;

/** What a character may be part of. */
const TOKEN = 1;
const TEXT = 2;

/** RFC 9110 sections 5.6.2 (token), and 5.5 (field value) with the blanks between. */
const CLASSES = Uint8Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code);
  return (
    (/[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(character) ? TOKEN : 0) |
    (/[\t\x20-\x7e\x80-\xff]/.test(character) ? TEXT : 0)
  );
});

/** Fields of answers that Node's HTTP client keeps once. */
const KEPT_ONCE: ReadonlySet<string> = new Set([
  "age",
  "content-type",
  "date",
  "etag",
  "expires",
  "last-modified",
  "location",
  "retry-after",
  "server",
]);

/** The fault of an {@link AnswerFault}. */
export type AnswerFaultCode =
  | "HTTP_NOT_SPOKEN"
  | "HTTP_STATUS_LINE"
  | "HTTP_LINE_END"
  | "HTTP_OBS_FOLD"
  | "HTTP_FIELD_NAME"
  | "HTTP_FIELD_VALUE"
  | "HTTP_CONTENT_LENGTH"
  | "HTTP_HEAD_TOO_LARGE"
  | "HTTP_TOO_MANY_FIELDS"
  | "HTTP_TOO_MANY_ANSWERS";

const FAULTS: Readonly<Record<AnswerFaultCode, string>> = {
  HTTP_NOT_SPOKEN: "is not HTTP/1.1",
  HTTP_STATUS_LINE: "is not a status line",
  HTTP_LINE_END: "does not end with CR and LF",
  HTTP_OBS_FOLD: "begins with a blank, as a folded header does",
  HTTP_FIELD_NAME: "is no name with a colon behind it",
  HTTP_FIELD_VALUE: "holds a character that no header may hold",
  HTTP_CONTENT_LENGTH: "makes the length of the answer unclear",
  HTTP_HEAD_TOO_LARGE: "makes the head longer than maxHeaderSize allows",
  HTTP_TOO_MANY_FIELDS: `is one header more than the ${MAX_FIELDS} that are read`,
  HTTP_TOO_MANY_ANSWERS: `ends one interim answer more than the ${MAX_INTERIM} that are read`,
};

/**
 * The answer is not HTTP/1.1, or is more than is read of one. The message names the fault and the
 * line. It shows no byte of the answer, which may hold cookies.
 */
export class AnswerFault extends Error {
  override readonly name = "AnswerFault";
  readonly code: AnswerFaultCode;

  /** @param line counted from 1 in the answer that has the fault */
  constructor(code: AnswerFaultCode, line: number) {
    super(`line ${line} of the answer ${FAULTS[code]}`);
    this.code = code;
  }
}

/** The part of a line that the next byte belongs to. */
type Part = "status" | "reason" | "name" | "value" | "end";

/**
 * Reads the head of the answer to an upgrade (RFC 9112, RFC 6455 section 4.1). It accepts HTTP/1.1
 * and HTTP/1.0. It holds at most `maxBytes` of an answer, and does no I/O.
 */
export class AnswerReader {
  readonly #maxBytes: number;
  #part: Part = "status";
  /** The beginning of a line whose end has not come. */
  #partial: Buffer | undefined = undefined;
  /** Bytes of the line so far, and of this answer. */
  #column = 0;
  #bytes = 0;
  /** Where the line's first colon is. */
  #colon = 0;
  /** Complete lines of this answer. */
  #lines = 0;
  #interim = 0;
  /** 0 until the status line has come. */
  #status = 0;
  #headers: Record<string, string> = {};
  #head: AnswerHead | undefined = undefined;

  /** @param maxBytes of each answer's head, line ends included */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The final answer; `undefined` until {@link push} has returned a number. */
  get head(): AnswerHead | undefined {
    return this.#head;
  }

  /**
   * Takes the first `length` bytes, which it does not keep a reference to. Throws an
   * {@link AnswerFault}.
   *
   * @returns where the bytes behind the head begin, once that is complete
   */
  push(bytes: Buffer, length: number = bytes.length): number | undefined {
    let from = 0;
    for (let at = 0; at < length; at++) {
      const isEnd = this.#part === "end";
      this.#take(bytes[at] as number);
      if (!isEnd) continue;
      const text = this.#line(bytes, from, at + 1);
      from = at + 1;
      if (this.#isHead(text)) return from;
    }
    this.#keep(bytes, from, length);
    return undefined;
  }

  /** Judges a byte. */
  #take(byte: number): void {
    if (++this.#bytes > this.#maxBytes) throw this.#fault("HTTP_HEAD_TOO_LARGE");
    const part = this.#part;
    if ((byte === LF) !== (part === "end")) throw this.#fault("HTTP_LINE_END");
    const column = this.#column++;
    const kind = CLASSES[byte] as number;
    switch (part) {
      case "status":
        return this.#takeStatus(byte, column);
      case "reason":
        if (byte === CR) this.#part = "end";
        else if ((kind & TEXT) === 0) throw this.#fault("HTTP_STATUS_LINE");
        return;
      case "name":
        if (byte === CR && column === 0) this.#part = "end";
        else if (byte === COLON && column > 0) {
          this.#colon = column;
          this.#part = "value";
        } else if ((kind & TOKEN) === 0) {
          const isFolded = column === 0 && (byte === SPACE || byte === TAB);
          throw this.#fault(isFolded ? "HTTP_OBS_FOLD" : "HTTP_FIELD_NAME");
        }
        return;
      case "value":
        if (byte === CR) this.#part = "end";
        else if ((kind & TEXT) === 0) throw this.#fault("HTTP_FIELD_VALUE");
        return;
      case "end":
        return;
      default:
        return part satisfies never;
    }
  }

  /** Up to the reason, which may be absent, with the space before it. */
  #takeStatus(byte: number, column: number): void {
    const allowed = STATUS_LINE[column];
    if (allowed !== undefined && allowed.includes(String.fromCharCode(byte))) return;
    // Node's HTTP client passes over empty lines before a status line too.
    if (byte === CR && (column === 0 || allowed === undefined)) this.#part = "end";
    else if (byte === SPACE && allowed === undefined) this.#part = "reason";
    else throw this.#fault(column < PROTOCOL_LENGTH ? "HTTP_NOT_SPOKEN" : "HTTP_STATUS_LINE");
  }

  /** Keeps the beginning of a line, which is within the bound. */
  #keep(bytes: Buffer, from: number, to: number): void {
    if (from === to) return;
    const kept = this.#column - (to - from);
    if (this.#partial === undefined || this.#partial.length < this.#column) {
      const size = Math.max(this.#column, Math.min(2 * this.#column, this.#maxBytes));
      const larger = Buffer.allocUnsafe(size);
      this.#partial?.copy(larger, 0, 0, kept);
      this.#partial = larger;
    }
    bytes.copy(this.#partial, kept, from, to);
  }

  /** A line without its end, which the bytes hold from where the partial one stops. */
  #line(bytes: Buffer, from: number, to: number): string {
    const kept = this.#column - (to - from);
    const rest = kept === 0 ? "" : (this.#partial as Buffer).toString("latin1", 0, kept);
    return (rest + bytes.toString("latin1", from, to)).slice(0, -2);
  }

  /** Takes a complete line. Returns whether the final answer's head ends with it. */
  #isHead(text: string): boolean {
    this.#column = 0;
    const isHead = text === "" ? this.#status !== 0 && this.#ended() : this.#taken(text);
    this.#part = this.#status === 0 ? "status" : "name";
    this.#lines = this.#part === "status" ? 0 : this.#lines + 1;
    return isHead;
  }

  #taken(text: string): false {
    if (this.#status === 0) this.#status = Number(text.slice(9, 12));
    else this.#field(text);
    return false;
  }

  /** A header line (RFC 9112 section 5). */
  #field(text: string): void {
    if (this.#lines > MAX_FIELDS) throw this.#fault("HTTP_TOO_MANY_FIELDS");
    const name = text.slice(0, this.#colon).toLowerCase();
    const value = withoutBlanks(text, this.#colon + 1);
    const before = this.#headers[name];
    // RFC 9112 section 6.3: what could be read in two ways is not read at all.
    if (name === "content-length" && (before !== undefined || !/^[0-9]{1,15}$/.test(value)))
      throw this.#fault("HTTP_CONTENT_LENGTH");
    // Not that of `Object.prototype`.
    if (typeof before !== "string") this.#headers[name] = copied(value);
    else if (!KEPT_ONCE.has(name)) this.#headers[name] = `${before}, ${value}`;
  }

  /** Returns whether the answer is the final one. */
  #ended(): boolean {
    const { "content-length": length, "transfer-encoding": coding } = this.#headers;
    if (length !== undefined && coding !== undefined) throw this.#fault("HTTP_CONTENT_LENGTH");
    if (this.#status >= 200 || this.#status === 101) {
      this.#head = { status: this.#status, headers: this.#headers };
      return true;
    }
    if (++this.#interim > MAX_INTERIM) throw this.#fault("HTTP_TOO_MANY_ANSWERS");
    this.#bytes = 0;
    this.#status = 0;
    this.#headers = {};
    return false;
  }

  #fault(code: AnswerFaultCode): AnswerFault {
    return new AnswerFault(code, this.#lines + 1);
  }
}

/** A part of a longer string keeps all of it in memory; what this returns does not. */
function copied(part: string): string {
  return Buffer.from(part, "latin1").toString("latin1");
}

/** The text from there on, without the blanks around it (RFC 9112 section 5.1). */
function withoutBlanks(text: string, from: number): string {
  const isBlank = (at: number): boolean =>
    text.charCodeAt(at) === SPACE || text.charCodeAt(at) === TAB;
  let to = text.length;
  let start = from;
  while (start < to && isBlank(start)) start++;
  while (to > start && isBlank(to - 1)) to--;
  return text.slice(start, to);
}
