import { inspect } from "node:util";
import { SeededRandom } from "@oath-ws/testing";
import { BranchCoverage } from "./branch-coverage.js";

/** Something that is fed with inputs until it breaks. */
export interface Target<I> {
  /** Modules whose branches tell an interesting input from a dull one. */
  readonly modules: RegExp;
  /** An input out of nothing. */
  readonly fresh: (random: SeededRandom) => I;
  /** A variation; `other` is another input that was interesting. */
  readonly mutate: (random: SeededRandom, input: I, other: I) => I;
  /** Smaller inputs that might break it as well. */
  readonly shrink: (input: I) => Iterable<I>;
  /**
   * Feeds it, checks what came of that, and says in a few words what it was. Throws when it is
   * broken.
   */
  readonly run: (input: I) => string | Promise<string>;
}

/** What a campaign saw. */
export interface Campaign {
  readonly runs: number;
  /** What `run` said, each once. */
  readonly outcomes: ReadonlySet<string>;
  /** Inputs that were kept, because they did something new. */
  readonly corpus: number;
}

/** Runs that look at the counters together. */
const BATCH = 8;
/** Of so many inputs one is fresh; the others vary what was interesting. */
const FRESH = 4;
const MAX_SHRINKS = 2000;

/**
 * Seconds on an idle machine, but this is the work that a busy one slows down most. A caller that
 * asks for more runs means to wait for them.
 */
export const FUZZ_TIMEOUT_MS: number =
  process.env["OATH_FUZZ_RUNS"] === undefined ? 120_000 : 3_600_000;

/** `OATH_FUZZ_RUNS` for a longer campaign, `OATH_FUZZ_SEED` for another one. */
export function fuzzRuns(fallback: number): number {
  return Number(process.env["OATH_FUZZ_RUNS"] ?? fallback);
}

export function fuzzSeed(fallback: number): number {
  return Number(process.env["OATH_FUZZ_SEED"] ?? fallback);
}

/**
 * Feeds a target. An input that reaches a branch or an outcome that no other has reached is kept,
 * and varied. The same seed gives the same campaign. Fails with the seed and the smallest input
 * that it could find.
 */
export async function campaign<I>(
  target: Target<I>,
  options: { readonly runs: number; readonly seed: number },
): Promise<Campaign> {
  const runs = fuzzRuns(options.runs);
  const seed = fuzzSeed(options.seed);
  const random = new SeededRandom(seed);
  const corpus: I[] = [];
  const outcomes = new Set<string>();
  const features = new Set<string>();
  const coverage = BranchCoverage.tryStart(target.modules);
  const pick = (): I => corpus[random.int(corpus.length)] as I;
  const learns = (seen: readonly string[]): boolean => {
    const before = features.size;
    for (const feature of seen) features.add(feature);
    return features.size > before;
  };
  const feed = async (input: I): Promise<boolean> => {
    try {
      const outcome = await target.run(input);
      const known = outcomes.has(outcome);
      outcomes.add(outcome);
      return !known;
    } catch (error) {
      const least = await smallest(target, input);
      throw new Error(
        `seed ${seed} (OATH_FUZZ_SEED), ` +
          `input ${inspect(least, { depth: 9, maxStringLength: 4000 })}`,
        {
          cause: error,
        },
      );
    }
  };
  try {
    for (let done = 0; done < runs; done += BATCH) {
      const batch = Array.from({ length: BATCH }, () =>
        corpus.length === 0 || random.int(FRESH) === 0
          ? target.fresh(random)
          : target.mutate(random, pick(), pick()),
      );
      for (const input of batch) if (await feed(input)) corpus.push(input);
      if (coverage === undefined || !learns(coverage.take())) continue;
      // One of them did something new; each by itself shows which.
      for (const input of batch) {
        await feed(input);
        if (learns(coverage.take())) corpus.push(input);
      }
    }
  } finally {
    coverage?.stop();
  }
  return { runs, outcomes, corpus: corpus.length };
}

/** Takes away as long as it still breaks. */
async function smallest<I>(target: Target<I>, input: I): Promise<I> {
  let least = input;
  let left = MAX_SHRINKS;
  search: for (;;) {
    for (const smaller of target.shrink(least)) {
      if (left-- <= 0) return least;
      if (await breaks(target, smaller)) {
        least = smaller;
        continue search;
      }
    }
    return least;
  }
}

async function breaks<I>(target: Target<I>, input: I): Promise<boolean> {
  try {
    await target.run(input);
    return false;
  } catch {
    return true;
  }
}
