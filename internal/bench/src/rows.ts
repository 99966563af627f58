/** Everything measured is a ratio to this row, so it is in every part. */
export const BASE_ROW = "ws";

/**
 * Who receives. The names are what `--rows` takes. `take` and `for-await` are over `ws`, the
 * `direct` ones over our own codec.
 */
export const RECEIVE_ROWS = [
  "tcp",
  "ws",
  "take",
  "for-await",
  "direct-take",
  "direct-for-await",
  "ws-queue",
  "ws-for-await",
  "ws-text",
  "take-text",
  "direct-take-text",
  "direct-take-unread",
  "direct-take-telemetry",
  "reconnecting-websocket",
  "partysocket",
  "websocket-ts",
  "undici",
  "undici-stream",
] as const;
export type ReceiveRow = (typeof RECEIVE_ROWS)[number];

/** What each row of the receive part stands for, as the tables show it. */
export const RECEIVE_LABELS: Readonly<Record<ReceiveRow, string>> = {
  tcp: "raw TCP read",
  ws: "bare ws listener",
  take: "oath-ws take()",
  "for-await": "oath-ws for await",
  "direct-take": "oath-ws direct take()",
  "direct-for-await": "oath-ws direct for await",
  "ws-queue": "bare ws, queued",
  "ws-for-await": "bare ws, for await of events.on",
  "ws-text": "bare ws, to string",
  "take-text": "oath-ws take(), text()",
  "direct-take-text": "oath-ws direct take(), text()",
  "direct-take-unread": "oath-ws direct take(), unread",
  "direct-take-telemetry": "oath-ws direct take(), telemetry",
  "reconnecting-websocket": "reconnecting-websocket",
  partysocket: "partysocket",
  "websocket-ts": "websocket-ts",
  undici: "undici WebSocket",
  "undici-stream": "undici WebSocketStream",
};

/** Clients that somebody could use in place of ours. */
export const RECEIVE_PEERS = [
  "reconnecting-websocket",
  "partysocket",
  "websocket-ts",
  "undici",
  "undici-stream",
] as const;

/** The whole stack, read in the ways there are. */
export const STACK_ROWS = ["take", "for-await", "direct-take", "direct-for-await"] as const;

export const SEND_ROWS = ["ws", "ws-promise", "oath", "direct"] as const;
export type SendRow = (typeof SEND_ROWS)[number];

export const SEND_LABELS: Readonly<Record<SendRow, string>> = {
  ws: "ws.send(data, callback)",
  "ws-promise": "ws.send in a promise each",
  oath: "oath-ws sink.send()",
  direct: "oath-ws direct sink.send()",
};

/** Rows of the receive part that are also looked at more closely. */
export const LATENCY_ROWS = [
  "ws",
  "take",
  "for-await",
  "direct-take",
  "direct-take-telemetry",
  "direct-for-await",
] as const;
export type LatencyRow = (typeof LATENCY_ROWS)[number];

export const ALLOCATION_ROWS = [
  "ws",
  "take",
  "for-await",
  "direct-take-unread",
  "direct-take",
  "direct-take-text",
  "direct-for-await",
] as const;
export type AllocationRow = (typeof ALLOCATION_ROWS)[number];

export const RECONNECT_ROWS = ["ws", "ws-redial", "oath", "direct"] as const;
export type ReconnectRow = (typeof RECONNECT_ROWS)[number];

export const RECONNECT_LABELS: Readonly<Record<ReconnectRow, string>> = {
  ws: "bare ws, a dial",
  "ws-redial": "bare ws, dialled again on close",
  oath: "oath-ws",
  direct: "oath-ws direct",
};

export const CONNECTION_ROWS = ["ws", "take", "direct-take"] as const;
export type ConnectionRow = (typeof CONNECTION_ROWS)[number];

/** How frames come on many connections: each in a read of its own, or dozens to a read. */
export const SHAPES = ["single", "bulk"] as const;
export type Shape = (typeof SHAPES)[number];

export const SHAPE_LABELS: Readonly<Record<Shape, string>> = {
  single: "one frame a read",
  bulk: "64 frames a read",
};

export const MEMORY_ROWS = ["ws", "oath", "direct"] as const;
export type MemoryRow = (typeof MEMORY_ROWS)[number];

export const MEMORY_LABELS: Readonly<Record<MemoryRow, string>> = {
  ws: "bare ws",
  oath: "oath-ws",
  direct: "oath-ws direct",
};

export const EVENT_ROWS = [
  "ws",
  "binance-take",
  "binance-for-await",
  "binance-direct-take",
  "binance-sbe-take",
  "binance-sbe-direct-take",
  "binance-common",
  "tardis-dev",
] as const;
export type EventRow = (typeof EVENT_ROWS)[number];

export const EVENT_LABELS: Readonly<Record<EventRow, string>> = {
  ws: "ws + JSON.parse",
  "binance-take": "venue-binance take()",
  "binance-for-await": "venue-binance for await",
  "binance-direct-take": "venue-binance direct take()",
  "binance-sbe-take": "venue-binance SBE take()",
  "binance-sbe-direct-take": "venue-binance SBE direct take()",
  "binance-common": "@binance/common",
  "tardis-dev": "tardis-dev",
};

export const EVENT_PEERS = ["binance-common", "tardis-dev"] as const;

/** Trades of 167 B in JSON and 65 B in SBE, and order book changes of 762 B and 370 B. */
export const EVENT_MIXES = ["trade", "depth"] as const;
export type EventMix = (typeof EVENT_MIXES)[number];

/** How the events of a flood are written. */
export type EventEncoding = "json" | "sbe";

/** What a row receives: the same events, as its client understands them. */
export function encodingOf(row: EventRow): EventEncoding {
  return row === "binance-sbe-take" || row === "binance-sbe-direct-take" ? "sbe" : "json";
}
