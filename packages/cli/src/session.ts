import type { LifecycleSnapshot, ReceivedFrame, ReconnectingConnection } from "oath-ws";
import { isWsError } from "oath-ws";
import { Ledger } from "./ledger.js";
import type { Output } from "./output.js";
import { frameRecord, snapshotLine, snapshotRecord, summaryLine } from "./output.js";

/** What a command does with the stream it follows. */
export interface SessionOptions {
  readonly output: Output;
  readonly json: boolean;
  /** Ends the session; the summary follows. */
  readonly signal: AbortSignal;
  /** How a frame is shown to people; `undefined` shows nothing. */
  readonly describe: (frame: ReceivedFrame, missing: number) => string | undefined;
  /** Called with every frame before it is shown. */
  readonly onFrame?: (frame: ReceivedFrame, missing: number) => Promise<void>;
  /** Called in every new epoch. */
  readonly onEpoch?: (epoch: number) => void;
  /** Called before the next frame is read: a command that plays the slow consumer waits here. */
  readonly pace?: () => Promise<void>;
}

/** Prints frames and lifecycle changes until the signal or the end of the source, then shuts down and prints the summary. */
export async function follow(connection: ReconnectingConnection, options: SessionOptions): Promise<void> {
  const { output, json, signal } = options;
  const ledger = new Ledger();
  const shutdown = (): void => void connection.control.shutdown();
  signal.addEventListener("abort", shutdown);
  if (signal.aborted) shutdown();
  const watching = watch(connection, options);
  try {
    for await (const frame of connection.source) {
      const missing = ledger.note(frame);
      await options.onFrame?.(frame, missing);
      const line = json ? JSON.stringify(frameRecord(frame)) : options.describe(frame, missing);
      if (line !== undefined) await output.line(line);
      if (output.broken) shutdown();
      await options.pace?.();
    }
  } finally {
    signal.removeEventListener("abort", shutdown);
    await connection.control.shutdown();
    await watching;
    const summary = ledger.summary(connection.lifecycle.snapshot);
    await output.line(json ? JSON.stringify(summary) : summaryLine(summary));
  }
}

async function watch(connection: ReconnectingConnection, options: SessionOptions): Promise<void> {
  let epoch = 0;
  let phase: LifecycleSnapshot["phase"] | undefined;
  for await (const snapshot of connection.lifecycle) {
    if (options.json) await options.output.line(JSON.stringify(snapshotRecord(snapshot)));
    else if (snapshot.phase !== phase || snapshot.epoch !== epoch) {
      await options.output.line(`${options.output.stamp()} ${snapshotLine(snapshot)}`);
    }
    if (snapshot.epoch !== epoch) options.onEpoch?.(snapshot.epoch);
    ({ epoch, phase } = snapshot);
  }
}

/** One line for an error, whatever it is. */
export function errorLine(error: unknown): string {
  if (isWsError(error)) return `${error.message} (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}
