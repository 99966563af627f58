import { demand } from "../core/violated.js";
import type { StagedBook } from "./stage.js";

/** One book, against the venue's and against what its topic tells. */
export class BookAudit {
  readonly #book: StagedBook;
  #version: unknown;
  #breaks = 0;
  /** How often the book was not live. */
  #pauses = 0;

  constructor(book: StagedBook) {
    this.#book = book;
  }

  /** Called at each settled step in which the client's machine runs. */
  look(): void {
    const { name, best, state, source } = this.#book;
    const version = this.#book.version();
    const isNew = version !== this.#version;
    this.#version = version;
    const isLive = state.snapshot.phase === "live";
    const { breaks } = source.state.snapshot;
    const isBroken = breaks > this.#breaks;
    this.#breaks = breaks;
    const pauses = state.snapshot.staleCount + state.snapshot.recoveries;
    const hasPaused = pauses > this.#pauses;
    this.#pauses = pauses;
    // With an update that joins on nothing was missing of this book.
    demand(
      !isBroken || !isLive || isNew || hasPaused,
      "a book is not live while an update may be missing",
      () => `${name} is live at ${String(version)} after break ${breaks} of its topic`,
    );
    if (!isNew) return;
    const { bid, ask } = best ?? {};
    demand(
      bid === undefined || ask === undefined || Number(bid.price) < Number(ask.price),
      "a book is not crossed",
      () => `${name}: ${bid?.price} and ${ask?.price}`,
    );
    const difference = isLive ? this.#book.difference() : undefined;
    demand(
      difference === undefined,
      "a live book equals the venue's",
      () => `${name}: ${difference}`,
    );
  }

  /** When the market stands still, and nothing is on its way. */
  checkEnd(): void {
    const { name, state } = this.#book;
    const difference = this.#book.lastDifference();
    demand(
      state.snapshot.phase !== "live" || difference === undefined,
      "a live book equals the venue's",
      () => `${name}: ${difference}`,
    );
  }
}
