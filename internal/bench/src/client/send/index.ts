import type { SendRow } from "../../rows.js";

/** An open connection that sends. */
export interface Sender {
  /** Sends the text `count` times, all at once, and resolves when all have left. */
  sendBatch(text: string, count: number): Promise<void>;
  close(): Promise<void>;
}

export type OpenSender = (url: string) => Promise<Sender>;

/** Loads one row's client and no other. */
export async function loadSender(row: SendRow): Promise<OpenSender> {
  switch (row) {
    case "ws":
      return (await import("./ws.js")).openSender;
    case "ws-promise":
      return (await import("./ws.js")).openPromiseSender;
    case "oath":
      return (await import("./stack.js")).openSender;
    case "direct":
      return (await import("./stack.js")).openDirectSender;
    default:
      return row satisfies never;
  }
}
