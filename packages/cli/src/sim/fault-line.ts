import type { Output } from "../output.js";

/** A fault that happened in a simulator, and the connections that it hit. */
export interface HappenedFault {
  readonly fault: { readonly kind: string };
  readonly connections: readonly number[];
}

/** Ids of connections that one line names. */
const MOST_NAMED = 8;

/** Faults of no connection that stands: they wait for connections that come. */
const WAITING: ReadonlySet<string> = new Set(["refuse", "accept-then-close"]);

/**
 * What a fault did, for people: the fault as `--fault` takes it, and how many connections it hit.
 */
export function faultLine({ fault, connections }: HappenedFault): string {
  const { kind, ...fields } = fault;
  const { count = 1 } = fields as { readonly count?: number };
  const named = Object.entries(fields).map(([name, value]) => `${name}=${worded(value)}`);
  const whole = [kind, ...(named.length === 0 ? [] : [named.join(",")])].join(":");
  if (WAITING.has(kind))
    return `${whole} waits for the next ${count === 1 ? "connection" : `${count} connections`}`;
  if (connections.length === 0) return `${whole} happened, and hit no connection`;
  const ids = connections.slice(0, MOST_NAMED).map(String);
  if (connections.length > MOST_NAMED) ids.push("...");
  const noun = connections.length === 1 ? "connection" : "connections";
  return `${whole} hit ${connections.length} ${noun} (${ids.join(", ")})`;
}

function worded(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Tells each fault once, in order. What happens before the introduction is told right after it. */
export class FaultNews {
  readonly #output: Output;
  #waiting: (() => Promise<void>)[] | undefined = [];

  constructor(output: Output) {
    this.#output = output;
  }

  /** A fault happened now. */
  tell({ fault, connections }: HappenedFault): void {
    const now = new Date();
    const show = (): Promise<void> =>
      this.#output.show(
        () => ({ type: "fault", at: now.toISOString(), fault, connections }),
        () => `${this.#output.stamp(now)} == ${faultLine({ fault, connections })}`,
      );
    if (this.#waiting === undefined) void show();
    else this.#waiting.push(show);
  }

  /** The introduction is out. */
  async begin(): Promise<void> {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const show of waiting) await show();
  }
}
