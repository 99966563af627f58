import type { ConfigIssue } from "@oath-ws/contract";
import { at } from "./primitives/at.js";
import type { StackOptions } from "./stack.js";

type Methods = Partial<Record<keyof StackOptions, readonly string[]>>;

/** What each seam that a front door takes must be able to do, for callers without a compiler. */
const SEAMS = {
  auth: ["authorize"],
  classify: ["classify"],
  gate: ["keyFault", "reserve", "hold", "claim", "raise", "release", "block", "blockedUntil"],
  tracer: ["trace"],
  timer: ["now", "wallNow", "schedule"],
  surroundings: ["watch"],
} as const satisfies Methods;

/** The seams that a platform supplies beside the timer. */
const PLATFORM = {
  leaf: ["connect"],
  spawn: ["spawn"],
  random: ["next"],
} as const satisfies Methods;

const REQUIRED = ["leaf", "timer", "spawn", "random", "newId"] as const;

/**
 * Lists what is wrong with the seams of a stack: those that it cannot do without and was not given,
 * and what the others lack.
 */
export function* stackIssues(options: unknown): Generator<ConfigIssue> {
  for (const path of REQUIRED)
    if (at(options, path) === undefined) yield { path, message: "is required" };
  const newId = at(options, "newId");
  if (newId !== undefined && typeof newId !== "function")
    yield { path: "newId", message: "must be a function" };
  yield* lackingMethods(options, PLATFORM);
  yield* seamIssues(options);
}

/**
 * Lists what the caller's seams of a stack lack, among options that may be anything. Those that are
 * `undefined` are not looked at.
 */
export function* seamIssues(options: unknown): Generator<ConfigIssue> {
  const sleptMs = at(at(options, "timer"), "sleptMs");
  if (sleptMs !== undefined && typeof sleptMs !== "function")
    yield { path: "timer", message: "sleptMs must be a method, or absent" };
  const probe = at(options, "probe");
  if (probe !== undefined && (typeof probe !== "string" || probe === ""))
    yield { path: "probe", message: "must be a text that is not empty" };
  yield* lackingMethods(options, SEAMS);
}

function* lackingMethods(options: unknown, seams: Methods): Generator<ConfigIssue> {
  for (const [path, methods] of Object.entries(seams)) {
    const seam = at(options, path);
    if (seam === undefined) continue;
    for (const method of methods) {
      if (typeof at(seam, method) !== "function")
        yield { path, message: `must have a method ${method}()` };
    }
  }
}
