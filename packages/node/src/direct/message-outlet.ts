import { isAscii } from "node:buffer";
import type { Buffer } from "node:buffer";
import { InboundFrame } from "@oath-ws/resilience/leaf";
import type { PayloadAccess } from "@oath-ws/resilience/leaf";
import { lendableCopy, OWN_ASCII, OWN_BYTES } from "../leaf/lent-memory.js";
import { ownCopy, ownMemory, PAGE_BYTES, viewOf } from "../leaf/shared-memory.js";
import { notUtf8 } from "../leaf/protocol-violation.js";
import type { ProtocolViolation } from "../leaf/protocol-violation.js";
import type { FrameReceiver } from "./decoder-options.js";
import { OPCODE } from "./opcode.js";
import { PayloadViews, SHARED_BYTES } from "./payload-views.js";
import { TextCheck } from "./text-check.js";
import type { TextBytes } from "./text-check.js";
import { TextRun } from "./text-run.js";
import { TextUse } from "./text-use.js";

// oxlint-disable-next-line no-control-regex
const ASCII = /^[\0-\x7f]*$/;

/** One for all connections: it remembers a page for the length of a call. */
const check = new TextCheck();

/** Up to here texts are looked at one by one: a call for all of them would cost more. */
const FEW_BYTES = 512;

/**
 * Makes frames of complete data messages and hands them to the receiver, in order.
 *
 * How this works: the small texts of a feed are handed over in runs ({@link TextRun}), each of
 * which becomes a page of its own: bytes, or a string for a reader that only wants texts
 * ({@link TextUse}). What is binary, large or otherwise unusual goes one by one; small payloads of
 * it share pages too ({@link PayloadViews}).
 */
export class MessageOutlet {
  /** Nothing more is handed over. */
  isEnded = false;
  readonly #receiver: FrameReceiver;
  readonly #validateUtf8: boolean;
  readonly #maxMessageBytes: number;
  /** Made with the first read: many connections are quiet for long. */
  #views: PayloadViews | undefined = undefined;
  /** Made for the first text. */
  #use: TextUse | undefined = undefined;
  #violation: ProtocolViolation | undefined = undefined;

  constructor(receiver: FrameReceiver, validateUtf8: boolean, maxMessageBytes: number) {
    this.#receiver = receiver;
    this.#validateUtf8 = validateUtf8;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** The read that the offsets below are in, up to `end`. */
  begin(chunk: Buffer, end: number): void {
    this.#cutter.begin(chunk, end);
  }

  /** Ends the read. Returns what broke the protocol in it, once. */
  finish(): ProtocolViolation | undefined {
    this.#views?.end();
    check.end();
    const violation = this.#violation;
    this.#violation = undefined;
    return violation;
  }

  /** Ends the decoding. */
  refuse(violation: ProtocolViolation): void {
    if (this.isEnded) return;
    this.#violation = violation;
    this.isEnded = true;
  }

  /** Whether these bytes may be text. */
  isText(bytes: Buffer): boolean {
    return !this.#validateUtf8 || check.of(bytes, 0, bytes.length) !== "malformed";
  }

  /**
   * Hands over the whole texts whose headers begin at `at`, one behind the other, if there are any.
   * Returns where the next header begins.
   */
  texts(chunk: Buffer, at: number, end: number): number {
    if (!this.#validateUtf8 || !TextRun.beginsAt(chunk, at)) return at;
    const run = TextRun.take();
    const next = run.scan(chunk, at, end, this.#maxMessageBytes);
    this.#handRun(chunk, run);
    return next;
  }

  /**
   * A small message began in an earlier read, with `begun`, and ends in this one, at `to`. Hands it
   * over, and texts behind a text. Returns where the next header begins.
   *
   * @param begun a byte in each character
   */
  rest(opcode: number, begun: string, chunk: Buffer, to: number, end: number): number {
    if (opcode !== OPCODE.text || !this.#validateUtf8) {
      this.#cutter.cutRest(begun, to);
      this.#cutOut(opcode, begun.length + to);
      return to;
    }
    const run = TextRun.take();
    run.begin(begun, to);
    const next = run.scan(chunk, to, end, this.#maxMessageBytes);
    this.#handRun(chunk, run);
    return next;
  }

  /** A message lies in the read. */
  cut(opcode: number, from: number, to: number): void {
    this.#cutter.cut(from, to);
    this.#cutOut(opcode, to - from);
  }

  /** A message is complete in memory of its own. */
  message(opcode: number, data: Buffer): void {
    this.#single(opcode, data, 0, data.length, data.buffer.byteLength);
  }

  get #cutter(): PayloadViews {
    return (this.#views ??= new PayloadViews());
  }

  #handRun(chunk: Buffer, run: TextRun): void {
    const { count, start, end } = run;
    const length = end - start;
    const use = count === 0 ? undefined : (this.#use ??= new TextUse());
    if (use === undefined) return TextRun.release(run);
    if (length > SHARED_BYTES && count === 1 && !use.prefersText)
      this.message(OPCODE.text, lendableCopy(chunk, start, end));
    else if (!this.#isAscii(chunk, run)) this.#handTexts(run, pageOf(chunk, run), length);
    else if (use.prefersText) this.#handAscii(run, stringOf(chunk, run), use, length);
    else this.#handAscii(run, pageOf(chunk, run), use, length);
    TextRun.release(run);
  }

  #isAscii(chunk: Buffer, { count, begun, start, end }: TextRun): boolean {
    if (begun !== "" && !ASCII.test(begun)) return false;
    const from = Math.max(start, 0);
    if (count === 1 || end - from <= FEW_BYTES) return check.isAscii(chunk, from, end);
    return isAscii(viewOf(chunk, from, end - from));
  }

  #handAscii(run: TextRun, page: Buffer | string, use: TextUse, retained: number): void {
    const { count, start } = run;
    for (let i = 0; i < count && !this.isEnded; i++) {
      const from = run.startOf(i);
      const length = run.endOf(i) - from;
      const counted = i === 0 ? retained : 0;
      const frame = new InboundFrame("text", page, from - start, length, use, counted);
      this.#receiver.receivedMessage(frame);
    }
  }

  /** Texts that are not all ASCII are looked at one by one. */
  #handTexts(run: TextRun, page: Buffer, retained: number): void {
    const { count, start } = run;
    for (let i = 0; i < count && !this.isEnded; i++) {
      const from = run.startOf(i);
      this.#text(page, from - start, run.endOf(i) - from, i === 0 ? retained : 0);
    }
  }

  /** The message that the views have cut out. */
  #cutOut(opcode: number, length: number): void {
    const views = this.#cutter;
    this.#single(opcode, views.page, views.start, length, views.takeUncounted());
  }

  #single(opcode: number, page: Buffer, from: number, length: number, retained: number): void {
    if (opcode === OPCODE.text) return this.#text(page, from, length, retained);
    const access = isLendable(page, length) ? OWN_BYTES : PAGE_BYTES;
    const frame = new InboundFrame("binary", page, from, length, access, retained);
    this.#receiver.receivedMessage(frame);
  }

  #text(page: Buffer, from: number, length: number, retained: number): void {
    const bytes = this.#validateUtf8 ? check.of(page, from, from + length) : "utf8";
    if (bytes === "malformed") {
      this.refuse(notUtf8("text message"));
      return;
    }
    const access = this.#accessTo(bytes, isLendable(page, length));
    this.#receiver.receivedMessage(new InboundFrame("text", page, from, length, access, retained));
  }

  #accessTo(bytes: TextBytes, isLendable: boolean): PayloadAccess {
    if (bytes !== "ascii") return isLendable ? OWN_BYTES : PAGE_BYTES;
    return isLendable ? OWN_ASCII : (this.#use ??= new TextUse());
  }
}

/** Whether a payload is alone in its memory, which is worth to be used again. */
function isLendable(page: Buffer, length: number): boolean {
  return length > SHARED_BYTES && length === page.length;
}

/** The bytes of the run, in a page of its own. */
function pageOf(chunk: Buffer, { begun, start, end }: TextRun): Buffer {
  if (begun === "") return ownCopy(chunk, start, end);
  const page = ownMemory(end - start);
  page.write(begun, "latin1");
  page.set(viewOf(chunk, 0, end), begun.length);
  return page;
}

/** The same as a string, of ASCII. */
function stringOf(chunk: Buffer, { begun, start, end }: TextRun): string {
  return begun + chunk.toString("latin1", Math.max(start, 0), end);
}
