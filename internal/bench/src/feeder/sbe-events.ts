import { Buffer } from "node:buffer";
import type { EventKind } from "../model.js";

/** Units of 10^-8 in one: prices and quantities have eight decimals, as in the JSON events. */
const ONE = 100_000_000;
const EIGHT_DECIMALS = -8;
const LEVELS = 10;
const SYMBOL = Buffer.from("\u0007BTCUSDT", "latin1");

/** The JSON event with the same id, as the venue writes it in SBE. */
export function sbeMessage(event: EventKind, id: number): Buffer {
  return WRITE[event](id);
}

const WRITE: Readonly<Record<EventKind, (id: number) => Buffer>> = { trade, bookTicker, depth };

/** One trade a message, as it is in JSON; the venue puts those of an order together. */
function trade(id: number): Buffer {
  const message = Buffer.alloc(8 + 18 + 6 + 25);
  let at = header(message, 18, 10_000);
  at = int64(message, at, timeOf(id), timeOf(id));
  at = exponents(message, at);
  at = message.writeUInt16LE(25, at);
  at = message.writeUInt32LE(1, at);
  at = int64(message, at, id, 60_000 * ONE + (id % ONE), (id * 7) % ONE);
  message.writeUInt8(id % 2 === 0 ? 1 : 0, at);
  return Buffer.concat([message, SYMBOL]);
}

function bookTicker(id: number): Buffer {
  const message = Buffer.alloc(8 + 50);
  let at = header(message, 50, 10_001);
  at = int64(message, at, timeOf(id), id);
  at = exponents(message, at);
  int64(message, at, 60_000 * ONE + (id % ONE), (id * 3) % ONE);
  int64(message, at + 16, 60_001 * ONE + (id % ONE), (id * 7) % ONE);
  return Buffer.concat([message, SYMBOL]);
}

function depth(id: number): Buffer {
  const message = Buffer.alloc(8 + 26 + 2 * (4 + LEVELS * 16));
  let at = header(message, 26, 10_003);
  at = int64(message, at, timeOf(id), id, id);
  at = exponents(message, at);
  for (const sign of [-1, 1]) {
    at = message.writeUInt16LE(16, at);
    at = message.writeUInt16LE(LEVELS, at);
    for (let level = 0; level < LEVELS; level++) {
      const price = (60_000 + sign * (level + 1)) * ONE + ((id + level) % ONE);
      at = int64(message, at, price, (id * 3 + level) % ONE);
    }
  }
  return Buffer.concat([message, SYMBOL]);
}

function header(message: Buffer, blockLength: number, template: number): number {
  let at = message.writeUInt16LE(blockLength, 0);
  at = message.writeUInt16LE(template, at);
  at = message.writeUInt16LE(1, at);
  return message.writeUInt16LE(0, at);
}

function exponents(message: Buffer, at: number): number {
  return message.writeInt8(EIGHT_DECIMALS, message.writeInt8(EIGHT_DECIMALS, at));
}

function int64(message: Buffer, at: number, ...values: readonly number[]): number {
  return values.reduce((next, value) => message.writeBigInt64LE(BigInt(value), next), at);
}

function timeOf(id: number): number {
  return (1_770_000_000_000 + id) * 1_000;
}
