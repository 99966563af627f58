import type { ReceiveRow } from "../../rows.js";
import type { OpenReceiver } from "../receiver.js";

/** Loads one row's client and no other: a measured process runs nobody else's code. */
export async function loadReceiver(row: ReceiveRow): Promise<OpenReceiver> {
  switch (row) {
    case "tcp":
      return (await import("./tcp.js")).openReceiver;
    case "ws":
      return (await import("./ws.js")).openReceiver;
    case "ws-queue":
      return (await import("./ws.js")).openQueuedReceiver;
    case "ws-for-await":
      return (await import("./ws.js")).openForAwaitReceiver;
    case "ws-text":
      return (await import("./ws.js")).openTextReceiver;
    case "direct-take-text":
      return (await import("./stack.js")).openDirectTakeTextReceiver;
    case "take":
      return (await import("./stack.js")).openTakeReceiver;
    case "take-text":
      return (await import("./stack.js")).openTakeTextReceiver;
    case "for-await":
      return (await import("./stack.js")).openForAwaitReceiver;
    case "direct-take":
      return (await import("./stack.js")).openDirectTakeReceiver;
    case "direct-take-unread":
      return (await import("./stack.js")).openDirectTakeUnreadReceiver;
    case "direct-take-telemetry":
      return (await import("./telemetry.js")).openReceiver;
    case "direct-for-await":
      return (await import("./stack.js")).openDirectForAwaitReceiver;
    case "reconnecting-websocket":
      return (await import("./reconnecting-websocket.js")).openReceiver;
    case "partysocket":
      return (await import("./partysocket.js")).openReceiver;
    case "websocket-ts":
      return (await import("./websocket-ts.js")).openReceiver;
    case "undici":
      return (await import("./undici.js")).openReceiver;
    case "undici-stream":
      return (await import("./undici.js")).openStreamReceiver;
    default:
      return row satisfies never;
  }
}
