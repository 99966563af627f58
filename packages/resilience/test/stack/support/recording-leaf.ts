import type { Frame, Timer, WsConnector } from "@oath-ws/contract";
import { changed } from "./changed-leaf.js";

/** A frame that the stack handed to its leaf. */
export interface Handover {
  readonly at: number;
  /** The wall clock at that moment. */
  readonly wallAt: number;
  readonly kind: "text" | "binary" | "ping" | "pong" | "close";
  readonly text: string;
  /** Which of the leaf's connections, 1 for the first. */
  readonly connection: number;
}

/** Writes down what is sent through a leaf, at the moment when it is handed over. */
export function recordingLeaf(inner: WsConnector, timer: Timer, log: Handover[]): WsConnector {
  return changed((connection, index) => ({
    send: (frame, outcome) => {
      const [at, wallAt] = [timer.now(), timer.wallNow()];
      log.push({ at, wallAt, ...describe(frame), connection: index });
      connection.send(frame, outcome);
    },
  }))(inner);
}

function describe(frame: Frame | string | Uint8Array): { kind: Handover["kind"]; text: string } {
  if (typeof frame === "string") return { kind: "text", text: frame };
  const [kind, data] =
    frame instanceof Uint8Array
      ? (["binary", frame] as const)
      : ([frame.kind, frame.data] as const);
  return { kind, text: new TextDecoder().decode(data) };
}
