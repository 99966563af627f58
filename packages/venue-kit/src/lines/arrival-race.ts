/** Ids whose first arrival is remembered. */
const WINDOW = 4_096;

/** Leads that are kept for each line. */
const SAMPLES = 1_024;

/** By how much a line was first, over its latest wins that another line matched. */
export interface LeadSummary {
  /** How many of them are counted here; 1 024 at most. */
  readonly samples: number;
  readonly minMs: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** How often a line was first, and by how much. */
export interface LineScore {
  /** Events that it brought first, or alone. */
  readonly first: number;
  /** Events that it brought after another line. */
  readonly later: number;
  /** `undefined` before another line brought what it had brought first. */
  readonly lead: LeadSummary | undefined;
}

class Tally {
  first = 0;
  later = 0;
  readonly #leads = new Float64Array(SAMPLES);
  #count = 0;

  won(ms: number): void {
    this.#leads[this.#count++ % SAMPLES] = ms;
  }

  get score(): LineScore {
    const samples = Math.min(this.#count, SAMPLES);
    const { first, later } = this;
    if (samples === 0) return { first, later, lead: undefined };
    const leads = this.#leads.slice(0, samples).sort();
    const at = (share: number): number => leads[Math.max(0, Math.ceil(share * samples) - 1)] ?? 0;
    const lead = { samples, minMs: at(0), medianMs: at(0.5), p99Ms: at(0.99) };
    return { first, later, lead };
  }
}

/**
 * Which of several lines brings an event first. It remembers the latest 4 096 ids and costs nothing
 * but numbers: memory is bounded, and an event allocates nothing. A line that is further behind
 * than that is not compared.
 */
export class ArrivalRace {
  readonly #ids = new Float64Array(WINDOW).fill(Number.NEGATIVE_INFINITY);
  readonly #times = new Float64Array(WINDOW);
  readonly #winners = new Int32Array(WINDOW);
  readonly #tallies: readonly Tally[];

  constructor(lines: number) {
    this.#tallies = Array.from({ length: lines }, () => new Tally());
  }

  /** A line has brought this id, at this time in milliseconds. */
  arrived(id: number, line: number, at: number): void {
    const tally = this.#tallies[line];
    if (tally === undefined) return;
    const slot = ((id % WINDOW) + WINDOW) % WINDOW;
    const known = this.#ids[slot] ?? 0;
    if (known === id) {
      const winner = this.#winners[slot] ?? 0;
      if (winner === line) return;
      tally.later++;
      this.#tallies[winner]?.won(at - (this.#times[slot] ?? at));
    } else if (known > id) {
      tally.later++;
    } else {
      this.#ids[slot] = id;
      this.#times[slot] = at;
      this.#winners[slot] = line;
      tally.first++;
    }
  }

  /** The ids restarted: nothing that came before is compared any more. */
  restart(): void {
    this.#ids.fill(Number.NEGATIVE_INFINITY);
  }

  /** How a line has done; computed when it is asked for. */
  score(line: number): LineScore {
    return this.#tallies[line]?.score ?? { first: 0, later: 0, lead: undefined };
  }
}
