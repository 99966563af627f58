import type { LifecycleSnapshot } from "@oath-ws/contract";
import { INITIAL_SNAPSHOT } from "../../src/core/initial-snapshot.js";

/** What can happen to a connection, as far as a watcher has to find out. */
export type Event = "attempt" | "up" | "down" | "silent" | "alive" | "lag" | "end" | "giveUp";

/** What did happen so far: the truth that a watcher's notes are compared with. */
export interface Truth {
  readonly downs: number;
  readonly epochs: number;
  readonly silences: number;
  readonly lagged: number;
}

/** Before anything has happened. Never having been up is being down. */
export const BEGINNING: LifecycleSnapshot = Object.freeze({ ...INITIAL_SNAPSHOT, downSince: 0 });

export const NOTHING: Truth = { downs: 0, epochs: 0, silences: 0, lagged: 0 };

/** One step of a story: the snapshot that is published, and what is true from then on. */
export interface Chapter {
  readonly event: Event;
  readonly snapshot: LifecycleSnapshot;
  readonly truth: Truth;
}

function possible({ phase }: LifecycleSnapshot): readonly Event[] {
  switch (phase) {
    case "connecting":
    case "reconnecting":
      return ["attempt", "up"];
    case "connected":
    case "resumed":
      return ["down", "silent", "lag"];
    case "stale":
      return ["down", "alive", "lag"];
    case "unrecoverable":
    case "closed":
      return [];
    default:
      return phase satisfies never;
  }
}

function next({ snapshot, truth }: Omit<Chapter, "event">, event: Event): Chapter {
  const { epoch } = snapshot;
  const upPhase = (of: number): LifecycleSnapshot["phase"] => (of === 1 ? "connected" : "resumed");
  const make = (change: Partial<LifecycleSnapshot>, news: Partial<Truth> = {}): Chapter => ({
    event,
    snapshot: Object.freeze({ ...snapshot, ...change }),
    truth: { ...truth, ...news },
  });
  switch (event) {
    case "attempt":
      return make({ attempts: snapshot.attempts + 1 });
    case "up":
      return make(
        { phase: upPhase(epoch + 1), epoch: epoch + 1, downSince: undefined },
        { epochs: truth.epochs + 1 },
      );
    case "down":
      return make({ phase: "reconnecting", downSince: 1 }, { downs: truth.downs + 1 });
    case "silent":
      return make(
        { phase: "stale", staleCount: snapshot.staleCount + 1 },
        { silences: truth.silences + 1 },
      );
    case "alive":
      return make({ phase: upPhase(epoch) });
    case "lag":
      return make({ totalLagged: snapshot.totalLagged + 1 }, { lagged: truth.lagged + 1 });
    case "end":
    case "giveUp": {
      const downs = snapshot.downSince === undefined ? truth.downs + 1 : truth.downs;
      return make(
        { phase: event === "end" ? "closed" : "unrecoverable", downSince: snapshot.downSince ?? 1 },
        { downs },
      );
    }
    default:
      return event satisfies never;
  }
}

/** Every story of so many events and a last one that is terminal. */
export function stories(events: number): Chapter[][] {
  let open: Chapter[][] = [[]];
  for (let i = 0; i < events; i++) {
    open = open.flatMap((story) => {
      const last = story.at(-1) ?? { snapshot: BEGINNING, truth: NOTHING };
      return possible(last.snapshot).map((event) => [...story, next(last, event)]);
    });
  }
  return open.flatMap((story) => {
    const last = story.at(-1) ?? { snapshot: BEGINNING, truth: NOTHING };
    return [
      [...story, next(last, "end")],
      [...story, next(last, "giveUp")],
    ];
  });
}
