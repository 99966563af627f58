import { relayError } from "../engine/relay-error.js";
import type { BatchHead, Item, ItemKind, MarkBody, TopicMark } from "./item.js";

/*
 * How this works: a batch is one message of the stream. It begins with four bytes "OWR" and the
 * version, then the length of the head (u32) and the head as JSON, then the items. An item is 48
 * bytes of numbers and its payload. All numbers are big-endian. Times of items are ages before the
 * moment at which the batch was sent, so that clocks of different machines are never compared.
 */

const VERSION = 1;
const MAGIC = 0x4f575200 + VERSION;
const PREFIX_BYTES = 8;
/** The bytes of an item before its payload. */
export const ITEM_BYTES = 48;
/** A head of more bytes is refused; that of 4 096 topics has less. */
const MAX_HEAD_BYTES = 1_048_576;
/** No batch of ours has more items. */
export const MAX_ITEMS = 4_096;

const KINDS: readonly ItemKind[] = [
  "event",
  "text",
  "binary",
  "gap",
  "state",
  "lifecycle",
  "image",
];
const KIND_CODES = new Map(KINDS.map((kind, index) => [kind, index]));
const NO_TOPIC = 0xffff;

/** A decoded batch. */
export interface Batch {
  readonly head: BatchHead;
  /** Their `at` is the negative age at the moment at which the batch was sent. */
  readonly items: readonly Item[];
}

/** Writes a batch. `now` is by the clock of the items' `at`. */
export function encodeBatch(head: BatchHead, items: readonly Item[], now: number): Uint8Array {
  const headBytes = Buffer.from(JSON.stringify(head));
  let size = PREFIX_BYTES + headBytes.length + 4;
  for (const { payload } of items) size += ITEM_BYTES + payload.length;
  const bytes = Buffer.allocUnsafe(size);
  bytes.writeUInt32BE(MAGIC, 0);
  bytes.writeUInt32BE(headBytes.length, 4);
  headBytes.copy(bytes, PREFIX_BYTES);
  let at = PREFIX_BYTES + headBytes.length;
  bytes.writeUInt32BE(items.length, at);
  at += 4;
  for (const item of items) at = writeItem(bytes, at, item, now);
  return bytes;
}

/** Reads a batch. Throws `RELAY_FORMAT` for anything else; it reads nothing beyond the message. */
export function decodeBatch(data: Uint8Array): Batch {
  try {
    return readBatch(data);
  } catch (error) {
    throw relayError("RELAY_FORMAT", "A message of the stream is not one of this relay.", error);
  }
}

function readBatch(data: Uint8Array): Batch {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (view.getUint32(0) !== MAGIC) throw new RangeError("another format or version");
  const headLength = view.getUint32(4);
  if (headLength > MAX_HEAD_BYTES) throw new RangeError("the head is too long");
  const headEnd = PREFIX_BYTES + headLength;
  const text = Buffer.from(data.buffer, data.byteOffset + PREFIX_BYTES, headLength);
  const head = checkedHead(JSON.parse(text.toString("utf8")));
  const count = view.getUint32(headEnd);
  if (count > MAX_ITEMS) throw new RangeError("too many items");
  const items: Item[] = [];
  let at = headEnd + 4;
  for (let i = 0; i < count; i++) {
    const length = view.getUint32(at + 44);
    items.push(readItem(view, data, at, length));
    at += ITEM_BYTES + length;
  }
  if (at !== data.byteLength) throw new RangeError("bytes are left over");
  return { head, items };
}

function writeItem(bytes: Buffer, at: number, item: Item, now: number): number {
  bytes.writeUInt8(KIND_CODES.get(item.kind) ?? 0, at);
  bytes.writeUInt8(item.isCurrent ? 1 : 0, at + 1);
  bytes.writeUInt16BE(item.topic ?? NO_TOPIC, at + 2);
  bytes.writeDoubleBE(item.firstId ?? Number.NaN, at + 4);
  bytes.writeDoubleBE(item.lastId ?? Number.NaN, at + 12);
  bytes.writeDoubleBE(item.venueMs ?? Number.NaN, at + 20);
  bytes.writeDoubleBE(Math.max(0, now - item.at), at + 28);
  bytes.writeDoubleBE(item.epoch, at + 36);
  bytes.writeUInt32BE(item.payload.length, at + 44);
  bytes.set(item.payload, at + ITEM_BYTES);
  return at + ITEM_BYTES + item.payload.length;
}

function readItem(view: DataView, data: Uint8Array, at: number, length: number): Item {
  const kind = KINDS[view.getUint8(at)];
  if (kind === undefined) throw new RangeError("an item of an unknown kind");
  const end = at + ITEM_BYTES + length;
  if (end > data.byteLength) throw new RangeError("an item is cut off");
  const topic = view.getUint16(at + 2);
  const ageMs = view.getFloat64(at + 28);
  const epoch = view.getFloat64(at + 36);
  if (!(ageMs >= 0) || !Number.isSafeInteger(epoch)) throw new RangeError("a number is wrong");
  return {
    kind,
    isCurrent: view.getUint8(at + 1) === 1,
    topic: topic === NO_TOPIC ? undefined : topic,
    firstId: known(view.getFloat64(at + 4)),
    lastId: known(view.getFloat64(at + 12)),
    venueMs: known(view.getFloat64(at + 20)),
    at: -ageMs,
    epoch,
    payload: data.subarray(at + ITEM_BYTES, end),
  };
}

function known(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

function checkedHead(value: unknown): BatchHead {
  const { kind, line, term, first, mark } = Object(value) as Partial<BatchHead>;
  if (kind !== "term" && kind !== "data" && kind !== "mark") throw new RangeError("head.kind");
  if (typeof line !== "string" || line === "") throw new RangeError("head.line");
  if (!Number.isSafeInteger(term) || !Number.isSafeInteger(first)) throw new RangeError("head");
  if (kind !== "data" && !isMark(mark)) throw new RangeError("head.mark");
  return { kind, line, term: term ?? 0, first: first ?? 0, mark: mark ?? undefined };
}

/** Whether it has what readers look at: a mark is read before any of its topics is known. */
function isMark(value: unknown): value is MarkBody {
  const { topics, lifecycle, everyMs, note } = Object(value) as Partial<MarkBody>;
  return (
    Array.isArray(topics) &&
    topics.every(isTopicMark) &&
    typeof lifecycle === "object" &&
    typeof lifecycle?.phase === "string" &&
    Number.isFinite(everyMs) &&
    typeof note === "string"
  );
}

function isTopicMark(value: unknown): boolean {
  const { name, lastId, state } = Object(value) as Partial<TopicMark>;
  return (
    typeof name === "string" &&
    (lastId === null || Number.isFinite(lastId)) &&
    typeof state?.phase === "string"
  );
}
