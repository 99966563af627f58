import type { TraceEvent } from "oath-ws";
import type { Happening } from "./protocol.js";

/** What of an error may be shown. Its message, its cause and a close reason may quote anything. */
interface ShownError {
  readonly kind: string;
  readonly code: string;
  readonly status?: number | undefined;
  readonly close?: { readonly code: number } | undefined;
}

/** An error by its kind and its code. A code that does not look like one could hold a secret. */
export function errorWords({ kind, code, status, close }: ShownError): string {
  const safe = /^[A-Z][A-Z0-9_-]{0,47}$/.test(code) ? code : "OTHER";
  const more = [
    ...(status === undefined ? [] : [`status ${status}`]),
    ...(close === undefined ? [] : [`close code ${close.code}`]),
  ];
  return `${kind} ${[safe, ...more].join(", ")}`;
}

/** What was dropped since the figures were read before. */
export function lagWords(frames: number): Pick<Happening, "level" | "text"> {
  return { level: "bad", text: `the receive buffer dropped ${frames} frames: the reader is slow` };
}

/** What a trace event says to people; `undefined` for one that the figures tell already. */
export function traceWords(event: TraceEvent): Pick<Happening, "level" | "text"> | undefined {
  switch (event.kind) {
    case "failure": {
      const next =
        event.retryAt === undefined
          ? "no further attempt"
          : `next attempt in ${Math.max(0, Math.round(event.retryAt - event.at))} ms at the ` +
            "earliest";
      const what = event.epoch === 0 ? "attempt failed" : `epoch ${event.epoch}: failure`;
      return { level: "bad", text: `${what}: ${errorWords(event.error)}; ${next}` };
    }
    case "trialFailed":
      return { level: "bad", text: `trial of the first endpoint: ${errorWords(event.error)}` };
    case "opened":
      return { level: "good", text: `connected, epoch ${event.epoch}` };
    case "transition":
      return event.to.phase === "stale"
        ? { level: "bad", text: "stale: the socket is open and silent" }
        : event.to.phase === "closed" || event.to.phase === "unrecoverable"
          ? { level: "info", text: `ended: ${event.to.phase}` }
          : undefined;
    case "stall": {
      const late = `${Math.round(event.lateMs)} ms`;
      return {
        level: "bad",
        text: event.slept ? `the machine slept for ${late}` : `our event loop was late by ${late}`,
      };
    }
    case "writeStall":
      return {
        level: "bad",
        text: `write stall: ${event.bytes} bytes for ${Math.round(event.stalledMs)} ms`,
      };
    case "starved":
      return { level: "bad", text: "the peer's pings use up the send limit" };
    case "fault":
      return { level: "bad", text: `a callback failed: ${event.where}` };
    case "attempt":
    case "phase":
    case "probe":
    // It comes up to ten times a second: `lagWords` tells it with the figures.
    case "lag":
      return undefined;
    default:
      return event satisfies never;
  }
}
