import { unknownFrame } from "../feed/unknown-frame.js";

/** The streams that exist over SBE (B-43), by what follows the symbol in their names. */
export const SBE_STREAMS = ["trade", "bestBidAsk", "depth20", "depth"] as const;

/** What follows the symbol in the name of a stream over SBE. */
export type SbeStream = (typeof SBE_STREAMS)[number];

/** A repeating group: its header, and the part of an entry that is known here. */
export interface GroupLayout {
  /** Bytes of the number of entries: 2 in `group16`, 4 in `group`. */
  readonly countBytes: 2 | 4;
  /** Bytes of an entry that are read; a newer version may append more. */
  readonly entryBytes: number;
}

/** Where a message has what: after the header comes a block of fixed size, then groups, symbol. */
export interface Template {
  readonly stream: SbeStream;
  /** Bytes of the block that are read; a newer version may append more. */
  readonly blockBytes: number;
  /** Offset in the block of the exponent of prices; that of quantities follows. */
  readonly exponentsAt: number;
  readonly groups: readonly GroupLayout[];
}

/** Bytes of the header: length of the block, template, schema and version, 16 bits each. */
export const HEADER_BYTES = 8;

/** The schema that the templates are of. A breaking change would be a schema of another number. */
const SCHEMA = 1;

const LEVELS: GroupLayout = { countBytes: 2, entryBytes: 16 };

const TEMPLATES: ReadonlyMap<number, Template> = new Map<number, Template>([
  [
    10_000,
    {
      stream: "trade",
      blockBytes: 18,
      exponentsAt: 16,
      groups: [{ countBytes: 4, entryBytes: 25 }],
    },
  ],
  [10_001, { stream: "bestBidAsk", blockBytes: 50, exponentsAt: 16, groups: [] }],
  [10_002, { stream: "depth20", blockBytes: 18, exponentsAt: 16, groups: [LEVELS, LEVELS] }],
  [10_003, { stream: "depth", blockBytes: 26, exponentsAt: 24, groups: [LEVELS, LEVELS] }],
]);

/**
 * What kind of message begins there, of which the header is known to be whole; `undefined` for a
 * template that was not there when this was written.
 *
 * @throws WsError `FRAME_UNKNOWN` for what is no message of the schema that is read here
 */
export function templateOf(view: DataView, at: number): Template | undefined {
  const schema = view.getUint16(at + 4, true);
  if (schema !== SCHEMA) throw unknownFrame(`SBE of schema ${schema}, only ${SCHEMA} is read`);
  return TEMPLATES.get(view.getUint16(at + 2, true));
}
