import { unknownFrame } from "../feed/unknown-frame.js";
import { i8At, mantissaAt, u16At, u32At, u8At, wholeAt } from "./integers.js";
import { HEADER_BYTES } from "./template.js";
import type { GroupLayout, Template } from "./template.js";

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
  #bytes: Uint8Array = new Uint8Array(0);
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

  /** @throws WsError `FRAME_UNKNOWN` when it is shorter than it says itself */
  read(bytes: Uint8Array, { blockBytes, exponentsAt, groups }: Template): void {
    const length = u16At(bytes, 0);
    if (length < blockBytes) throw cut("a block");
    this.#bytes = bytes;
    let at = HEADER_BYTES + length;
    if (at > bytes.length) throw cut("its block");
    for (let index = 0; index < groups.length; index++)
      at = this.#readGroup(this.#group(index), groups[index], at);
    if (at >= bytes.length) throw cut("its groups");
    this.symbolBytes = u8At(bytes, at);
    this.symbolAt = at + 1;
    if (this.symbolAt + this.symbolBytes > bytes.length) throw cut("its symbol");
    this.priceExponent = i8At(bytes, HEADER_BYTES + exponentsAt);
    this.quantityExponent = i8At(bytes, HEADER_BYTES + exponentsAt + 1);
  }

  /** Entries of a group. */
  count(group: number): number {
    return this.#group(group).count;
  }

  /** An id or a time of the block. @throws WsError `FRAME_UNKNOWN` beyond 2^53 */
  whole(offset: number): number {
    return wholeAt(this.#bytes, HEADER_BYTES + offset);
  }

  /** A mantissa of the block. @throws WsError `FRAME_UNKNOWN` where there is none */
  mantissa(offset: number): number | bigint {
    return mantissaAt(this.#bytes, HEADER_BYTES + offset);
  }

  /** An id of an entry. @throws WsError `FRAME_UNKNOWN` beyond 2^53 */
  entryWhole(group: number, index: number, offset: number): number {
    return wholeAt(this.#bytes, this.#entryAt(group, index) + offset);
  }

  /** A mantissa of an entry. @throws WsError `FRAME_UNKNOWN` where there is none */
  entryMantissa(group: number, index: number, offset: number): number | bigint {
    return mantissaAt(this.#bytes, this.#entryAt(group, index) + offset);
  }

  /** A truth value of an entry. @throws WsError `FRAME_UNKNOWN` for what is neither 0 nor 1 */
  entryFlag(group: number, index: number, offset: number): boolean {
    const value = u8At(this.#bytes, this.#entryAt(group, index) + offset);
    if (value > 1) throw unknownFrame("a truth value in SBE that is neither 0 nor 1");
    return value === 1;
  }

  #entryAt(group: number, index: number): number {
    const { at, stride } = this.#group(group);
    return at + index * stride;
  }

  #group(index: number): Group {
    return index === 0 ? this.#groups[0] : this.#groups[1];
  }

  /** Returns where what follows the group begins. */
  #readGroup(group: Group, layout: GroupLayout | undefined, at: number): number {
    const { countBytes = 2, entryBytes = 0 } = layout ?? {};
    const bytes = this.#bytes;
    group.at = at + 2 + countBytes;
    if (group.at > bytes.length) throw cut("the header of a group");
    group.stride = u16At(bytes, at);
    group.count = countBytes === 2 ? u16At(bytes, at + 2) : u32At(bytes, at + 2);
    if (group.count > 0 && group.stride < entryBytes) throw cut("an entry");
    // What comes next is looked for there, and not found when the entries end beyond the message.
    return group.at + group.stride * group.count;
  }
}

function cut(what: string): Error {
  return unknownFrame(`an SBE message that ends before ${what} does`);
}
