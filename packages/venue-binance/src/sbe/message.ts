import { unknownFrame } from "../feed/unknown-frame.js";
import { mantissaAt, wholeAt } from "./integers.js";
import { HEADER_BYTES, templateOf } from "./template.js";
import type { GroupLayout, Template } from "./template.js";

/** Memory up to this size is kept for the messages that follow. */
const KEPT_BYTES = 64 * 1024;

const NOTHING = new Uint8Array(0);
const NO_VIEW = new DataView(NOTHING.buffer);

/** Where a group of the message that was read last begins. */
interface Group {
  /** Offset of the first entry. */
  at: number;
  /** Bytes from one entry to the next. */
  stride: number;
  count: number;
}

/**
 * A place in an SBE message, moved from message to message: values are read where they stand, and
 * no object is made for any of them. {@link read} checks the whole structure, so that every offset
 * that is read later lies within the message. Lengths come from the message, not from the schema:
 * what a newer version appends to a block, to an entry or to the end is skipped.
 */
export class SbeMessage {
  #memory: Uint8Array = NOTHING;
  #view: DataView = NO_VIEW;
  /** Where the block begins, and where the message ends. */
  #at = 0;
  #end = 0;
  readonly #groups: readonly [Group, Group] = [
    { at: 0, stride: 0, count: 0 },
    { at: 0, stride: 0, count: 0 },
  ];
  /** The exponent of ten of all prices. */
  priceExponent = 0;
  /** The exponent of ten of all quantities. */
  quantityExponent = 0;
  /** Where the UTF-8 bytes of the symbol are. */
  symbolAt = 0;
  symbolBytes = 0;

  /**
   * The message that is read from now on: the bytes of `memory` from `from` up to, and not
   * including, `to`. Values may be read until the next call.
   *
   * @returns what kind of message it is; `undefined` for a template that was not there when this
   *   was written, which no stream of ours carries
   * @throws WsError `FRAME_UNKNOWN` for what is no message of the schema that is read here
   */
  open(memory: Uint8Array, from: number, to: number): Template | undefined {
    // Frames that came together lie in the same memory.
    if (memory !== this.#memory) {
      this.#memory = memory;
      this.#view = new DataView(memory.buffer, memory.byteOffset, memory.length);
    }
    this.#at = from + HEADER_BYTES;
    this.#end = to;
    if (this.#at > to) throw unknownFrame("less than the header of an SBE message");
    return templateOf(this.#view, from);
  }

  /**
   * Checks the whole structure of the message that was opened.
   *
   * @throws WsError `FRAME_UNKNOWN` when it is shorter than it says itself
   */
  read({ blockBytes, exponentsAt, groups }: Template): void {
    const view = this.#view;
    const length = view.getUint16(this.#at - HEADER_BYTES, true);
    if (length < blockBytes) throw cut("a block");
    let at = this.#at + length;
    if (at > this.#end) throw cut("its block");
    for (let index = 0; index < groups.length; index++)
      at = this.#readGroup(this.#group(index), groups[index], at);
    if (at >= this.#end) throw cut("its groups");
    this.symbolBytes = view.getUint8(at);
    this.symbolAt = at + 1;
    if (this.symbolAt + this.symbolBytes > this.#end) throw cut("its symbol");
    this.priceExponent = view.getInt8(this.#at + exponentsAt);
    this.quantityExponent = view.getInt8(this.#at + exponentsAt + 1);
  }

  /** Lets go of memory that is large; what small messages share is kept for the next one. */
  close(): void {
    if (this.#memory.length <= KEPT_BYTES) return;
    this.#memory = NOTHING;
    this.#view = NO_VIEW;
  }

  /** Entries of a group. */
  count(group: number): number {
    return this.#group(group).count;
  }

  /** An id or a time of the block. @throws WsError `FRAME_UNKNOWN` beyond 2^53 */
  whole(offset: number): number {
    return wholeAt(this.#view, this.#at + offset);
  }

  /** A mantissa of the block. @throws WsError `FRAME_UNKNOWN` where there is none */
  mantissa(offset: number): number | bigint {
    return mantissaAt(this.#view, this.#at + offset);
  }

  /** An id of an entry. @throws WsError `FRAME_UNKNOWN` beyond 2^53 */
  entryWhole(group: number, index: number, offset: number): number {
    return wholeAt(this.#view, this.entryAt(group, index) + offset);
  }

  /** A mantissa of an entry. @throws WsError `FRAME_UNKNOWN` where there is none */
  entryMantissa(group: number, index: number, offset: number): number | bigint {
    return mantissaAt(this.#view, this.entryAt(group, index) + offset);
  }

  /** A truth value of an entry. @throws WsError `FRAME_UNKNOWN` for what is neither 0 nor 1 */
  entryFlag(group: number, index: number, offset: number): boolean {
    const value = this.#view.getUint8(this.entryAt(group, index) + offset);
    if (value > 1) throw unknownFrame("a truth value in SBE that is neither 0 nor 1");
    return value === 1;
  }

  /** What {@link entryAt} and {@link block} are places in. */
  get view(): DataView {
    return this.#view;
  }

  /** Where the block begins. */
  get block(): number {
    return this.#at;
  }

  /** Bytes from one entry of a group to the next. */
  stride(group: number): number {
    return this.#group(group).stride;
  }

  /** Where an entry begins: within the message for those that {@link count} counts. */
  entryAt(group: number, index: number): number {
    const { at, stride } = this.#group(group);
    return at + index * stride;
  }

  #group(index: number): Group {
    return index === 0 ? this.#groups[0] : this.#groups[1];
  }

  /** Returns where what follows the group begins. */
  #readGroup(group: Group, layout: GroupLayout | undefined, at: number): number {
    const { countBytes = 2, entryBytes = 0 } = layout ?? {};
    const view = this.#view;
    group.at = at + 2 + countBytes;
    if (group.at > this.#end) throw cut("the header of a group");
    group.stride = view.getUint16(at, true);
    group.count = countBytes === 2 ? view.getUint16(at + 2, true) : view.getUint32(at + 2, true);
    if (group.count > 0 && group.stride < entryBytes) throw cut("an entry");
    // What comes next is looked for there, and not found when the entries end beyond the message.
    return group.at + group.stride * group.count;
  }
}

function cut(what: string): Error {
  return unknownFrame(`an SBE message that ends before ${what} does`);
}
