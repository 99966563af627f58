import { ByteCursor } from "@oath-ws/venue-kit";
import { parseStreamName } from "../market/stream-name.js";
import { asciiBytes, knownStream } from "./known-stream.js";
import { readPayload } from "./payload-shapes.js";
import type { Values } from "./values.js";

/** A payload of each shape whose every whole number is beyond 2^32. */
const SAMPLES = {
  "x@trade":
    '{"e":"trade","E":4503599627370497,"s":"X","t":4503599627370497,"p":"45035996.27370497",' +
    '"q":"45035996.27370497","T":4503599627370497,"m":true,"M":true}',
  "x@aggTrade":
    '{"e":"aggTrade","E":4503599627370497,"s":"X","a":4503599627370497,"p":"45035996.27370497",' +
    '"q":"45035996.27370497","f":4503599627370497,"l":4503599627370497,"T":4503599627370497,' +
    '"m":true,"M":true}',
  "x@bookTicker":
    '{"u":4503599627370497,"s":"X","b":"45035996.27370497","B":"45035996.27370497",' +
    '"a":"45035996.27370497","A":"45035996.27370497"}',
  "x@depth":
    '{"e":"depthUpdate","E":4503599627370497,"s":"X","U":4503599627370497,"u":4503599627370497,' +
    '"b":[],"a":[]}',
} as const;

/**
 * Makes one payload of each shape with large numbers, before any other. V8 decides by the first
 * objects of a shape how it stores their numbers. Where small ids came first and large ones from
 * somewhere else, it was seen to convert every further object on its own, at 5 microseconds each
 * (a process that parsed trades by hand, and read them here in JSON and in SBE).
 */
export function primeShapes(values: Values<unknown, unknown>): void {
  const cursor = new ByteCursor();
  for (const [name, text] of Object.entries(SAMPLES)) {
    const stream = knownStream(parseStreamName(name));
    cursor.open(asciiBytes(text), 0, text.length);
    if (stream !== undefined) readPayload(cursor, stream, values);
  }
}
