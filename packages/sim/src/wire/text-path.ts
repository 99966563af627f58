import type { EncodedText } from "./encoded-text.js";
import { fragmentedFrames } from "./frame-encoder.js";
import type { Link } from "./link.js";

/**
 * An event on its way: `sent` is called each time it is handed to the socket (twice for a
 * duplicate, never if lost).
 */
interface Event {
  readonly text: EncodedText;
  readonly sent: () => void;
}

/** What became of text frames, for the statistics. */
export interface TextPathEvents {
  /** A text message was handed to the socket. */
  sent(bytes: number): void;
  /** A text message was kept from the client by a fault. */
  withheld(): void;
}

/**
 * The way of text messages to one client, where frames get lost, doubled, swapped or cut. Counts
 * are used up by event frames (`drop`, `duplicate`, `reorder`) or by answers (`dropReplies`);
 * muting stops both.
 */
export class TextPath {
  readonly #link: Link;
  readonly #events: TextPathEvents;
  #muted = false;
  #pieces = 1;
  #drops = 0;
  #replyDrops = 0;
  #duplicates = 0;
  #swaps = 0;
  #held: Event | undefined;

  constructor(link: Link, events: TextPathEvents) {
    this.#link = link;
    this.#events = events;
  }

  /** Sends the answer to a request. */
  reply(text: EncodedText): void {
    if (this.#muted) return this.#events.withheld();
    if (this.#replyDrops > 0) {
      this.#replyDrops--;
      return this.#events.withheld();
    }
    this.#write(text, () => {});
  }

  /** Sends an event. */
  event(text: EncodedText, sent: () => void): void {
    if (this.#muted) return this.#events.withheld();
    if (this.#drops > 0) {
      this.#drops--;
      return this.#events.withheld();
    }
    if (this.#held !== undefined) {
      const held = this.#held;
      this.#held = undefined;
      this.#write(text, sent);
      this.#write(held.text, held.sent);
      return;
    }
    if (this.#swaps > 0) {
      this.#swaps--;
      this.#held = { text, sent };
      return;
    }
    this.#write(text, sent);
    if (this.#duplicates > 0) {
      this.#duplicates--;
      this.#write(text, sent);
    }
  }

  mute(on: boolean): void {
    this.#muted = on;
  }

  drop(count: number): void {
    this.#drops += count;
  }

  dropReplies(count: number): void {
    this.#replyDrops += count;
  }

  duplicate(count: number): void {
    this.#duplicates += count;
  }

  reorder(count: number): void {
    this.#swaps += count;
  }

  /** Sends every further text message in this many frames. */
  fragment(pieces: number): void {
    this.#pieces = pieces;
  }

  /** Back to normal. A frame that was held for a swap goes out. */
  clear(): void {
    this.#muted = false;
    this.#pieces = 1;
    this.#drops = 0;
    this.#replyDrops = 0;
    this.#duplicates = 0;
    this.#swaps = 0;
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#write(held.text, held.sent);
  }

  #write(text: EncodedText, sent: () => void): void {
    const bytes =
      this.#pieces > 1 ? fragmentedFrames(text.payload, this.#pieces, text.kind) : text.frame;
    if (!this.#link.write(bytes)) return;
    this.#events.sent(bytes.byteLength);
    sent();
  }
}
