import type { Lifecycle, LifecycleSnapshot } from "@oath-ws/contract";
import { isTerminal } from "@oath-ws/contract";
import { BEGINNING, NOTHING } from "./stories.js";
import type { Truth } from "./stories.js";

/** What a watcher has found out, and what it is doing. */
export interface Notebook {
  /** The last snapshot that it handled. */
  seen: LifecycleSnapshot;
  found: Truth;
  /** Inside a wait for a change. */
  waiting: boolean;
  done: boolean;
}

/** Lets the search decide when the watcher goes on: anything may happen meanwhile. */
export type Pause = () => Promise<void>;

/** A program that watches. */
export type Watcher = (lifecycle: Lifecycle, book: Notebook, pause: Pause) => Promise<void>;

/** How two snapshots are compared. */
type Compare = (seen: LifecycleSnapshot, now: LifecycleSnapshot, found: Truth) => Truth;

export function newNotebook(): Notebook {
  return { seen: BEGINNING, found: NOTHING, waiting: false, done: false };
}

/** Outages so far: all but one epoch ended in one, and the last one did if it is down now. */
function outages({ epoch, downSince }: LifecycleSnapshot): number {
  if (epoch === 0) return 0;
  return downSince === undefined ? epoch - 1 : epoch;
}

export const byLevelsAndTotals: Compare = (seen, now, found) => ({
  downs: found.downs + outages(now) - outages(seen),
  epochs: found.epochs + now.epoch - seen.epoch,
  silences: found.silences + now.staleCount - seen.staleCount,
  lagged: found.lagged + now.totalLagged - seen.totalLagged,
});

/** What many clients offer: an up or a down. A quick break between two looks does not show. */
const byPhase: Compare = (seen, now, found) => {
  const isUp = ({ downSince }: LifecycleSnapshot): boolean => downSince === undefined;
  return {
    downs: found.downs + (isUp(seen) && !isUp(now) ? 1 : 0),
    epochs: found.epochs + (!isUp(seen) && isUp(now) ? 1 : 0),
    silences: found.silences + (seen.phase !== "stale" && now.phase === "stale" ? 1 : 0),
    lagged: found.lagged + now.totalLagged - seen.totalLagged,
  };
};

function look(lifecycle: Lifecycle, book: Notebook, compare: Compare): void {
  const now = lifecycle.snapshot;
  book.found = compare(book.seen, now, book.found);
  book.seen = now;
}

async function waitFor(book: Notebook, change: Promise<boolean>): Promise<boolean> {
  book.waiting = true;
  const more = await change;
  book.waiting = false;
  return more;
}

function loop(
  compare: Compare,
  wait: (lifecycle: Lifecycle, book: Notebook) => Promise<boolean>,
  lastLook = true,
): Watcher {
  return async (lifecycle, book, pause) => {
    do {
      await pause();
      look(lifecycle, book, compare);
      await pause();
    } while (await waitFor(book, wait(lifecycle, book)));
    await pause();
    if (lastLook) look(lifecycle, book, compare);
    book.done = true;
  };
}

const since = (lifecycle: Lifecycle, { seen }: Notebook): Promise<boolean> =>
  lifecycle.changed({ since: seen });

/** The programs that the contract promises to keep informed. */
export const RIGHT: Readonly<Record<string, Watcher>> = {
  "changed({ since })": loop(byLevelsAndTotals, since),
  "for await": async (lifecycle, book, pause) => {
    await pause();
    for await (const now of lifecycle) {
      book.found = byLevelsAndTotals(book.seen, now, book.found);
      book.seen = now;
      await pause();
    }
    book.done = true;
  },
  "a listener that looks when it is called": async (lifecycle, book, pause) => {
    await pause();
    await new Promise<void>((resolve) => {
      const react = (): void => {
        look(lifecycle, book, byLevelsAndTotals);
        if (isTerminal(book.seen.phase)) resolve();
      };
      const unsubscribe = lifecycle.subscribe(react);
      react();
      if (isTerminal(book.seen.phase)) unsubscribe();
    });
    book.done = true;
  },
};

/** Programs with a mistake each. */
export const WRONG: Readonly<
  Record<string, { readonly watcher: Watcher; readonly caught: RegExp }>
> = {
  "changed() without since": {
    watcher: loop(byLevelsAndTotals, (lifecycle) => lifecycle.changed()),
    caught: /waits while something has changed/,
  },
  "the bare phase, without totals": {
    watcher: loop(byPhase, since),
    caught: /found .* but the truth is/,
  },
  "no last look after the end": {
    watcher: loop(byLevelsAndTotals, since, false),
    caught: /did not see the last snapshot/,
  },
  "a listener that does not look after it has subscribed": {
    watcher: async (lifecycle, book, pause) => {
      await pause();
      await new Promise<void>((resolve) => {
        lifecycle.subscribe(() => {
          look(lifecycle, book, byLevelsAndTotals);
          if (isTerminal(book.seen.phase)) resolve();
        });
      });
      book.done = true;
    },
    caught: /is not done/,
  },
};
