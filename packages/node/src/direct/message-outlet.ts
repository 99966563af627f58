import { isAscii } from "node:buffer";
import type { Buffer } from "node:buffer";
import { InboundFrame } from "@oath-ws/resilience/leaf";
import { ownCopy, PAGE_BYTES, viewOf } from "../leaf/shared-memory.js";
import { notUtf8 } from "../leaf/protocol-violation.js";
import type { ProtocolViolation } from "../leaf/protocol-violation.js";
import type { FrameReceiver } from "./decoder-options.js";
import { OPCODE } from "./opcode.js";
import { PayloadViews } from "./payload-views.js";
import { TextCheck } from "./text-check.js";
import { TextRun } from "./text-run.js";
import { TextUse } from "./text-use.js";

// oxlint-disable-next-line no-control-regex
const ASCII = /^[\0-\x7f]*$/;

/** Up to here texts are looked at one by one: a call for all of them would cost more. */
const FEW_BYTES = 512;

/**
 * Makes frames of complete data messages and hands them to the receiver, in order.
 *
 * How this works: texts are not handed over one by one. They are gathered while they follow each
 * other, checked with one call, and leave together, before any other kind of frame, a violation,
 * or the end of the read. A payload is a part of a page that was copied from the read
 * ({@link PayloadViews}). For a reader that only wants texts ({@link TextUse}) the page is a string,
 * made from the read itself.
 */
export class MessageOutlet {
  /** Nothing more is handed over. */
  isEnded = false;
  readonly #receiver: FrameReceiver;
  readonly #validateUtf8: boolean;
  readonly #views = new PayloadViews();
  readonly #texts = new TextCheck();
  /** Texts that were cut and not looked at yet; made for the first that another one may follow. */
  #run: TextRun | undefined = undefined;
  /** Made for the first text. */
  #use: TextUse | undefined = undefined;
  #violation: ProtocolViolation | undefined = undefined;

  constructor(receiver: FrameReceiver, validateUtf8: boolean) {
    this.#receiver = receiver;
    this.#validateUtf8 = validateUtf8;
  }

  /** The read that the offsets below are in, up to `end`. */
  begin(chunk: Buffer, end: number): void {
    this.#views.begin(chunk, end);
  }

  /** Ends the read. Returns what broke the protocol in it, once. */
  finish(): ProtocolViolation | undefined {
    this.flush();
    this.#views.end();
    this.#texts.end();
    const violation = this.#violation;
    this.#violation = undefined;
    return violation;
  }

  /** Ends the decoding, after the frames that wait. */
  refuse(violation: ProtocolViolation): void {
    this.flush();
    // A text before it may be a violation itself, or what its receiver did the end.
    if (this.isEnded) return;
    this.#violation = violation;
    this.isEnded = true;
  }

  /** Whether these bytes may be text. */
  isText(bytes: Buffer): boolean {
    return !this.#validateUtf8 || this.#texts.of(bytes, 0, bytes.length) !== "malformed";
  }

  /** A message lies in the read. */
  cut(opcode: number, from: number, to: number): void {
    const views = this.#views;
    if (opcode === OPCODE.text && this.#cutsStrings) {
      this.#gather(views.chunk, from, to, 0);
      return;
    }
    views.cut(from, to);
    this.#shared(opcode, to - from);
  }

  /**
   * A small message began in the last read, with `begun`, and ends in this one. See
   * {@link PayloadViews.cutRest}.
   */
  cutRest(opcode: number, begun: string, to: number): void {
    if (opcode === OPCODE.text && this.#cutString(begun, to)) return;
    this.#views.cutRest(begun, to);
    this.#shared(opcode, begun.length + to);
  }

  /** A message is complete in memory of its own. */
  message(opcode: number, data: Buffer): void {
    this.#single(opcode, data, 0, data.length, data.buffer.byteLength);
  }

  /**
   * Hands over the texts that wait, in order. They go before whatever else there is, also before a
   * violation, so only texts lie between two of a run.
   */
  flush(): void {
    const run = this.#run;
    if (run === undefined || run.count === 0) return;
    const { page, count, start, end } = run;
    const length = end - start;
    const isInRead = page === this.#views.chunk;
    const together = isInRead || (count > 1 && length > FEW_BYTES);
    const ascii = together && isAscii(viewOf(page, start, length));
    if (!isInRead) this.#hand(run, page, 0, run.retainedBytes, ascii);
    else if (ascii) this.#hand(run, page.toString("latin1", start, end), start, length, true);
    else this.#hand(run, ownCopy(page, start, end), start, length, false);
  }

  get #cutsStrings(): boolean {
    return this.#use?.prefersText === true && this.#validateUtf8;
  }

  /** Hands over a text of two reads as a string, if it may be one. */
  #cutString(begun: string, to: number): boolean {
    const { chunk } = this.#views;
    if (!this.#cutsStrings || !ASCII.test(begun) || !isAscii(viewOf(chunk, 0, to))) return false;
    const text = begun + chunk.toString("latin1", 0, to);
    const frame = new InboundFrame("text", text, 0, text.length, this.#use);
    this.#receiver.receivedMessage(frame);
    return true;
  }

  /** @param at where in the run's page `memory` begins */
  #hand(run: TextRun, memory: Buffer | string, at: number, bytes: number, ascii: boolean): void {
    const { count } = run;
    const use = (this.#use ??= new TextUse());
    run.clear();
    for (let i = 0; i < count && !this.isEnded; i++) {
      const from = run.startOf(i) - at;
      const length = run.endOf(i) - at - from;
      const retained = i === 0 ? bytes : 0;
      if (ascii || typeof memory === "string") {
        const frame = new InboundFrame("text", memory, from, length, use, retained);
        this.#receiver.receivedMessage(frame);
      } else this.#text(memory, from, length, retained);
    }
  }

  /** The message that was cut out last. */
  #shared(opcode: number, length: number): void {
    const views = this.#views;
    const { page, start } = views;
    const retained = views.takeUncounted();
    if (opcode === OPCODE.text && this.#validateUtf8 && views.isShared(page))
      this.#gather(page, start, start + length, retained);
    else this.#single(opcode, page, start, length, retained);
  }

  #gather(page: Buffer, from: number, to: number, retained: number): void {
    const run = (this.#run ??= new TextRun());
    if (run.count > 0 && !run.hasRoomFor(page, to)) this.flush();
    run.add(page, from, to, retained);
  }

  #single(opcode: number, page: Buffer, from: number, length: number, retained: number): void {
    this.flush();
    if (this.isEnded) return;
    if (opcode === OPCODE.text) return this.#text(page, from, length, retained);
    const frame = new InboundFrame("binary", page, from, length, PAGE_BYTES, retained);
    this.#receiver.receivedMessage(frame);
  }

  #text(page: Buffer, from: number, length: number, retained: number): void {
    const bytes = this.#validateUtf8 ? this.#texts.of(page, from, from + length) : "utf8";
    if (bytes === "malformed") {
      this.refuse(notUtf8("text message"));
      return;
    }
    const access = bytes === "ascii" ? (this.#use ??= new TextUse()) : PAGE_BYTES;
    this.#receiver.receivedMessage(new InboundFrame("text", page, from, length, access, retained));
  }
}
