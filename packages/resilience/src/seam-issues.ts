import type { ConfigIssue } from "@oath-ws/contract";
import type { StackOptions } from "./stack.js";

/** What each seam must be able to do, for callers without a compiler. */
const SEAMS = {
  auth: ["authorize"],
  classify: ["classify"],
  gate: ["keyFault", "reserve", "hold", "claim", "raise", "release", "block", "blockedUntil"],
  tracer: ["trace"],
  timer: ["now", "wallNow", "schedule"],
} as const satisfies Partial<Record<keyof StackOptions, readonly string[]>>;

/**
 * Lists what the caller's seams of a stack lack, among options that may be anything. Those that are
 * `undefined` are not looked at.
 */
export function* seamIssues(options: unknown): Generator<ConfigIssue> {
  for (const [path, methods] of Object.entries(SEAMS)) {
    const seam = property(options, path);
    if (seam === undefined) continue;
    const isSlept = path === "timer" ? property(seam, "sleptMs") : undefined;
    if (isSlept !== undefined && typeof isSlept !== "function")
      yield { path, message: "sleptMs must be a method, or absent" };
    for (const method of methods) {
      if (typeof property(seam, method) !== "function")
        yield { path, message: `must have a method ${method}()` };
    }
  }
}

function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
