import { ManualSpawn } from "@oath-ws/testing";
import { isTerminal } from "@oath-ws/contract";
import type { LifecycleSnapshot } from "@oath-ws/contract";
import { LifecycleWatch } from "../../src/primitives/lifecycle-watch.js";
import { settle } from "../support/outcome.js";
import { BEGINNING, NOTHING } from "./stories.js";
import type { Chapter, Truth } from "./stories.js";
import { newNotebook } from "./watchers.js";
import type { Watcher } from "./watchers.js";

/** The lifecycle under test, replaced for every interleaving. */
export type MakeLifecycle = (spawn: ManualSpawn) => LifecycleWatch;

/** What a search has found. */
export interface Findings {
  readonly interleavings: number;
  /** What went wrong first, and in which order of events. */
  readonly fault: string | undefined;
}

interface Choice {
  readonly of: number;
  taken: number;
}

const idle = { lastDataAt: undefined, lastInboundAt: undefined };

export function realLifecycle(spawn: ManualSpawn): LifecycleWatch {
  return new LifecycleWatch({
    initial: BEGINNING,
    activity: idle,
    spawn,
    owner: {
      readAgeMs: () => undefined,
      onListenerError: (error) => {
        throw error;
      },
    },
  });
}

/**
 * Plays one story against one watcher in every order in which the writer, the watcher and the
 * listeners' task can take their turns. After each turn all promise reactions run, as they do
 * before the next event of a real loop. Stops at the first fault.
 */
export async function search(
  story: readonly Chapter[],
  watcher: Watcher,
  make: MakeLifecycle = realLifecycle,
): Promise<Findings> {
  const choices: Choice[] = [];
  for (let interleavings = 1; ; interleavings++) {
    const fault = await playOnce(story, watcher, make, choices);
    if (fault !== undefined) return { interleavings, fault };
    // The next path: the last choice that had another way to go takes it, and everything after it
    // is open again.
    while (choices.length > 0 && choices.at(-1)?.taken === (choices.at(-1)?.of ?? 0) - 1)
      choices.pop();
    const last = choices.at(-1);
    if (last === undefined) return { interleavings, fault: undefined };
    last.taken++;
  }
}

async function playOnce(
  story: readonly Chapter[],
  watcher: Watcher,
  make: MakeLifecycle,
  choices: Choice[],
): Promise<string | undefined> {
  const spawn = new ManualSpawn();
  const lifecycle = make(spawn);
  const book = newNotebook();
  const path: string[] = [];
  let told = 0;
  let resume: (() => void) | undefined;
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      resume = resolve;
    });
  const watching = watcher(lifecycle, book, pause);
  for (let step = 0; ; step++) {
    await settle();
    const fault = faultNow(book, lifecycle.snapshot, truthOf(story, book.seen));
    if (fault !== undefined) return `${fault}, after ${path.join(", ")}`;
    const enabled = [
      ...(told < story.length ? ["writer"] : []),
      ...(resume ? ["watcher"] : []),
      ...(spawn.readyCount > 0 ? ["listeners"] : []),
    ];
    if (enabled.length === 0) break;
    const choice = (choices[step] ??= { of: enabled.length, taken: 0 });
    const actor = enabled[choice.taken];
    if (actor === "writer") {
      const chapter = story[told++];
      path.push(chapter?.event ?? "nothing");
      if (chapter !== undefined) lifecycle.publish(chapter.snapshot);
    } else if (actor === "watcher") {
      path.push("(watcher)");
      const go = resume;
      resume = undefined;
      go?.();
    } else {
      path.push("(listeners)");
      spawn.turn();
    }
  }
  if (!book.done) return `the watcher is not done, after ${path.join(", ")}`;
  await watching;
  if (!isTerminal(book.seen.phase) || book.seen !== lifecycle.snapshot) {
    return `the watcher did not see the last snapshot, after ${path.join(", ")}`;
  }
  if (spawn.liveCount > 0) return `a task is left, after ${path.join(", ")}`;
  return undefined;
}

function faultNow(
  {
    found,
    seen,
    waiting,
  }: { readonly found: Truth; readonly seen: LifecycleSnapshot; readonly waiting: boolean },
  snapshot: LifecycleSnapshot,
  truth: Truth,
): string | undefined {
  if (waiting && seen !== snapshot) return "the watcher waits while something has changed";
  const same = Object.entries(truth).every(([key, value]) => found[key as keyof Truth] === value);
  return same
    ? undefined
    : `the watcher found ${JSON.stringify(found)}, but the truth is ${JSON.stringify(truth)}`;
}

/** What had happened when this snapshot was published. */
function truthOf(story: readonly Chapter[], seen: LifecycleSnapshot): Truth {
  return story.find(({ snapshot }) => snapshot === seen)?.truth ?? NOTHING;
}
