import type { ReceivedFrame } from "@oath-ws/contract";
import { lendPayload } from "@oath-ws/resilience";
import type { PayloadBorrower } from "@oath-ws/resilience";
import { ByteCursor, Literal } from "@oath-ws/venue-kit";
import type { ChannelFrame } from "./decode.js";
import { readLevel2, readTickers, readTrades } from "./event-shapes.js";

const CHANNEL = new Literal('{"channel":"');
/** The venue writes it on some connections. */
const CLIENT = new Literal('"client_id":"",');
const TIMESTAMP = new Literal('"timestamp":"');
const SEQUENCE = new Literal('","sequence_num":');
const EVENTS = new Literal(',"events":[');
const NEXT = new Literal(",");
const END = new Literal("]}");

type ReadEvent = (cursor: ByteCursor) => object | undefined;

/** What comes often enough, and always in one shape: how frames begin, and their events. */
const SHAPES: readonly (readonly [channel: string, begins: Literal, read: ReadEvent])[] = [
  ["l2_data", new Literal('l2_data",'), readLevel2],
  ["market_trades", new Literal('market_trades",'), readTrades],
  ["ticker", new Literal('ticker",'), readTickers],
];

/**
 * Reads the frames of `level2`, `market_trades` and `ticker` from their bytes. It returns
 * `undefined` for every frame that deviates from its shape in any way, and for those of other
 * channels: `JSON.parse` must read them. What it does return is equal to what `JSON.parse` makes.
 */
export class FrameReader implements PayloadBorrower<ChannelFrame | undefined> {
  readonly #cursor = new ByteCursor();

  read(frame: ReceivedFrame): ChannelFrame | undefined {
    return lendPayload(frame, this);
  }

  borrow(memory: Uint8Array, from: number, to: number): ChannelFrame | undefined {
    const cursor = this.#cursor;
    cursor.open(memory, from, to);
    const found = readFrame(cursor);
    cursor.close();
    return found;
  }
}

function readFrame(cursor: ByteCursor): ChannelFrame | undefined {
  if (!cursor.skip(CHANNEL)) return undefined;
  for (const [channel, begins, read] of SHAPES)
    if (cursor.skip(begins)) return readChannel(cursor, channel, read);
  return undefined;
}

function readChannel(
  cursor: ByteCursor,
  channel: string,
  read: ReadEvent,
): ChannelFrame | undefined {
  cursor.skip(CLIENT);
  if (!cursor.skip(TIMESTAMP)) return undefined;
  const timestamp = cursor.text();
  if (timestamp === undefined || !cursor.skip(SEQUENCE)) return undefined;
  const sequence_num = cursor.whole();
  if (sequence_num < 0 || !cursor.skip(EVENTS)) return undefined;
  const events: object[] = [];
  do {
    const event = read(cursor);
    if (event === undefined) return undefined;
    events.push(event);
  } while (cursor.skip(NEXT));
  if (!cursor.skip(END) || !cursor.isAtEnd) return undefined;
  return { channel, sequence_num, timestamp, events };
}
