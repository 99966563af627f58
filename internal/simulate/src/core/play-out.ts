import type { Violation } from "./plan.js";
import type { Trace } from "./trace.js";
import { Violated } from "./violated.js";

/** Plays a run, and tells what it violated: an invariant, or that nothing may be thrown. */
export async function playOut(
  trace: Trace,
  now: () => number,
  play: () => Promise<void>,
): Promise<Violation | undefined> {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", onUnhandled);
  let violation: Violation | undefined;
  try {
    await play();
    // A rejection is told as unhandled when the reactions of its turn have run.
    await new Promise((resolve) => setImmediate(resolve));
    if (unhandled.length > 0) throw unhandled[0];
  } catch (error) {
    violation = violationOf(error, now());
    trace.note(`VIOLATION ${violation.invariant}`);
  } finally {
    process.off("unhandledRejection", onUnhandled);
  }
  return violation;
}

function violationOf(error: unknown, at: number): Violation {
  if (error instanceof Violated) {
    const { invariant, detail } = error;
    return { invariant, at, detail };
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { invariant: "nothing is thrown or left unhandled", at, detail };
}
