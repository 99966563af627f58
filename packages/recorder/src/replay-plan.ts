import type { RecordedError } from "./line.js";
import { readRecording } from "./reader.js";
import type { MalformedLine } from "./reader.js";

/** One thing that happens in a replayed epoch. Times are milliseconds since 1970, never falling. */
export type ReplayStep =
  | {
      readonly kind: "frame";
      readonly atMs: number;
      readonly opcode: "text" | "binary";
      readonly data: Uint8Array;
    }
  /** The client sent a data frame here; what follows may be its answer. */
  | { readonly kind: "sent"; readonly atMs: number };

/** One connection of the recording. */
export interface ReplayEpoch {
  /** Of the recorder: another process counts epochs from 1 again. */
  readonly run: number;
  readonly epoch: number;
  openedAtMs: number | undefined;
  readonly steps: ReplayStep[];
  /** How it ended; `undefined` when the recording ends before the connection did. */
  end: { readonly atMs: number; readonly error: RecordedError } | undefined;
}

/** A recording in memory, ready to be replayed. */
export interface ReplayPlan {
  readonly epochs: readonly ReplayEpoch[];
  readonly malformed: readonly MalformedLine[];
  readonly about: Readonly<Record<string, string>>;
}

const LOST: RecordedError = {
  kind: "connection",
  code: "SOCKET_LOST",
  message: "The recorded connection ended without a close frame.",
};

/** Reads a recording of one connection whole. */
export async function replayPlan(files: string | readonly string[]): Promise<ReplayPlan> {
  const builder = new PlanBuilder();
  let about: ReplayPlan["about"] = {};
  const malformed: MalformedLine[] = [];
  for await (const entry of readRecording(files)) {
    if (entry.type === "malformed") {
      malformed.push(entry);
      continue;
    }
    const ms = Number(entry.unixNs) / 1e6;
    if (entry.type === "frame") {
      const { kind, data, epoch = 1 } = entry;
      builder.step(epoch, { kind: "frame", atMs: builder.time(ms), opcode: kind, data });
      continue;
    }
    const { control } = entry;
    switch (control.kind) {
      case "start":
        builder.start(control.connection.id);
        ({ about } = control);
        break;
      case "lifecycle":
        builder.lifecycle(control.epoch, control.phase, builder.time(ms), control.cause);
        break;
      case "sent":
        if (control.opcode !== "control")
          builder.step(control.epoch, { kind: "sent", atMs: builder.time(ms) });
        break;
      case "clock":
        builder.clockStep(control.stepMs);
        break;
      case "epoch":
      case "hole":
      case "unsent":
      case "gap":
      case "end":
        break;
      default:
        control satisfies never;
    }
  }
  return { epochs: builder.finish(), malformed, about };
}

class PlanBuilder {
  /** By run and epoch. */
  readonly #epochs = new Map<string, ReplayEpoch>();
  #run = 0;
  #connection: string | undefined;
  #steppedMs = 0;
  #lastMs = 0;

  /** The time without steps of the clock; it never falls. */
  time(ms: number): number {
    this.#lastMs = Math.max(this.#lastMs, ms - this.#steppedMs);
    return this.#lastMs;
  }

  clockStep(stepMs: number): void {
    this.#steppedMs += stepMs;
  }

  start(connection: string): void {
    if (connection !== this.#connection) this.#run++;
    this.#connection = connection;
  }

  step(epoch: number, step: ReplayStep): void {
    const found = this.#epoch(epoch);
    found.openedAtMs ??= step.atMs;
    found.steps.push(step);
  }

  lifecycle(epoch: number, phase: string, atMs: number, cause: RecordedError | undefined): void {
    if (epoch === 0) return;
    const found = this.#epoch(epoch);
    if (phase === "connected" || phase === "resumed") found.openedAtMs ??= atMs;
    // States between two breaks may be left out; the cause of the last one is kept while up.
    if (phase === "resumed" && cause !== undefined)
      this.#epoch(epoch - 1).end ??= { atMs, error: cause };
    if (phase === "reconnecting" || phase === "unrecoverable")
      found.end ??= { atMs, error: cause ?? LOST };
  }

  finish(): readonly ReplayEpoch[] {
    // A new state may be recorded before the last frames of the epoch before.
    const epochs = [...this.#epochs.values()]
      .filter(({ steps }) => steps.length > 0)
      .sort((one, other) => one.run - other.run || one.epoch - other.epoch);
    for (const epoch of epochs.slice(0, -1))
      epoch.end ??= { atMs: epoch.steps.at(-1)?.atMs ?? 0, error: LOST };
    return epochs;
  }

  #epoch(epoch: number): ReplayEpoch {
    const key = `${this.#run}:${epoch}`;
    let found = this.#epochs.get(key);
    if (found === undefined) {
      found = { run: this.#run, epoch, openedAtMs: undefined, steps: [], end: undefined };
      this.#epochs.set(key, found);
    }
    return found;
  }
}
