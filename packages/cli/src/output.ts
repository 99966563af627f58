import { once } from "node:events";
import type { LifecycleSnapshot, ReceivedFrame } from "oath-ws";
import type { Summary } from "./ledger.js";

/** Writes lines, and waits while whoever reads them is behind: the receive buffer then drops and counts, not our memory. */
export class Output {
  readonly #stream: NodeJS.WriteStream;
  readonly #startedAt: number = performance.now();
  #broken = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    // `| head` closes the pipe; that is no error of ours.
    stream.on("error", () => {
      this.#broken = true;
    });
  }

  /** Whether nobody reads any more. */
  get broken(): boolean {
    return this.#broken;
  }

  async line(text: string): Promise<void> {
    if (this.#broken) return;
    if (!this.#stream.write(`${text}\n`)) await Promise.race([once(this.#stream, "drain"), once(this.#stream, "close")]);
  }

  /** Seconds since the start, for people. */
  stamp(): string {
    return `${((performance.now() - this.#startedAt) / 1000).toFixed(3).padStart(8)}s`;
  }
}

/** The JSON line of a frame: where it stands in the stream, not what it holds. */
export function frameRecord(frame: ReceivedFrame): object {
  const { kind, epoch, seq, receivedAt } = frame;
  return { type: "frame", kind, epoch, seq, receivedAt, bytes: frame.data.byteLength };
}

/** The JSON line of a snapshot. */
export function snapshotRecord(snapshot: LifecycleSnapshot): object {
  const { cause, ...fields } = snapshot;
  return {
    type: "snapshot",
    ...fields,
    cause: cause === undefined ? null : { kind: cause.kind, code: cause.code, message: cause.message },
  };
}

/** A snapshot for people. */
export function snapshotLine(snapshot: LifecycleSnapshot): string {
  const { phase, epoch, attempts, totalLagged, totalDownMs, cause } = snapshot;
  const failed = phase === "connecting" || phase === "reconnecting" || phase === "unrecoverable";
  const why = failed && cause !== undefined ? `  (${cause.code}: ${cause.message})` : "";
  return `-- ${phase}: epoch ${epoch}, attempts ${attempts}, lagged ${totalLagged}, down ${Math.round(totalDownMs)} ms in all${why}`;
}

/** The summary for people. */
export function summaryLine(summary: Summary): string {
  const { frames, epochs, totalLagged, unaccounted } = summary;
  return `summary: ${frames} frames delivered in ${epochs} epochs, ${totalLagged} dropped and counted, ${unaccounted} unaccounted`;
}
