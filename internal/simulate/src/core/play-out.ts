import type { Outcome, Violation } from "./plan.js";
import type { Trace } from "./trace.js";
import { Violated } from "./violated.js";

/** A run of any half, as far as its outcome is concerned. */
export interface Played {
  readonly trace: Trace;
  readonly reached: ReadonlySet<string>;
  /** Counts turns and callbacks. */
  readonly loop: { readonly turns: number };
  /** Actions of the plan that had an effect so far. */
  readonly faults: number;
  /** By the world's clock, in milliseconds. */
  now(): number;
  /** From the first step to the end. What it throws is what the run violated. */
  play(): Promise<void>;
}

/** Plays a run, and tells what it violated: an invariant, or that nothing may be thrown. */
export async function playOut(run: Played): Promise<Outcome> {
  const { trace, reached } = run;
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", onUnhandled);
  let violation: Violation | undefined;
  try {
    await run.play();
    // A rejection is told as unhandled when the reactions of its turn have run.
    await new Promise((resolve) => setImmediate(resolve));
    if (unhandled.length > 0) throw unhandled[0];
  } catch (error) {
    violation = violationOf(error, run.now());
    trace.note(`VIOLATION ${violation.invariant}`);
  } finally {
    process.off("unhandledRejection", onUnhandled);
  }
  return {
    hash: trace.hash(),
    trace: trace.lines,
    violation,
    reached,
    virtualMs: run.now(),
    turns: run.loop.turns,
    faults: run.faults,
  };
}

function violationOf(error: unknown, at: number): Violation {
  if (error instanceof Violated) {
    const { invariant, detail } = error;
    return { invariant, at, detail };
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { invariant: "nothing is thrown or left unhandled", at, detail };
}
