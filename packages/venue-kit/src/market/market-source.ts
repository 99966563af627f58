import type { TopicReader } from "../topic/topic-reader.js";

/**
 * How a venue's payload becomes events of the model. A payload that does not have the documented
 * outline gives `undefined` (`one`), or throws (`many`): the reader counts it and leaves a gap
 * record.
 *
 * - `one`: each payload is one event. It is made when the event is read, so that an event that was
 *   replaced unread costs nothing
 * - `many`: each payload is any number of events, none included
 */
export type Mapping<P, T> =
  | { readonly kind: "one"; readonly map: (payload: P) => T | undefined }
  | {
      readonly kind: "many";
      readonly map: (payload: P, emit: (event: T) => void) => void;
    };

/** One symbol of a {@link MarketReader}: where its payloads come from, and what they become. */
export interface MarketSource<T> {
  /** The name under which `symbols`, `stateOf` and the others know it. */
  readonly symbol: string;
  /** Nothing else may read it. */
  readonly reader: TopicReader<unknown>;
  readonly mapping: Mapping<unknown, T>;
  /** Gives the topic back. */
  readonly close: () => void;
}

/** Makes a source of a reader of payloads and what they become. */
export function marketSource<P, T>(
  symbol: string,
  reader: TopicReader<P>,
  mapping: Mapping<P, T>,
  close: () => void,
): MarketSource<T> {
  // The reader and the mapping are of one type here; beyond this line they only meet each other.
  return { symbol, reader, mapping: mapping as Mapping<unknown, T>, close };
}
