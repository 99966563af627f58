/** Who receives. The names are what `--rows` takes. */
export const RECEIVE_ROWS = [
  "tcp",
  "ws",
  "take",
  "for-await",
  "direct-take",
  "direct-for-await",
  "reconnecting-websocket",
  "partysocket",
  "ws-text",
  "take-text",
] as const;
export type ReceiveRow = (typeof RECEIVE_ROWS)[number];

/** What each row of the receive part stands for, as the table shows it. */
export const RECEIVE_LABELS: Readonly<Record<ReceiveRow, string>> = {
  tcp: "raw TCP read",
  ws: "bare ws listener",
  take: "oath-ws take()",
  "for-await": "oath-ws for await",
  "direct-take": "oath-ws direct take()",
  "direct-for-await": "oath-ws direct for await",
  "reconnecting-websocket": "reconnecting-websocket",
  partysocket: "partysocket",
  "ws-text": "bare ws, to string",
  "take-text": "oath-ws take(), text()",
};

export const LATENCY_ROWS = ["ws", "take", "for-await"] as const;
export type LatencyRow = (typeof LATENCY_ROWS)[number];

export const MEMORY_ROWS = ["ws", "oath"] as const;
export type MemoryRow = (typeof MEMORY_ROWS)[number];

export const SEND_ROWS = ["ws", "ws-promise", "oath"] as const;
export type SendRow = (typeof SEND_ROWS)[number];

export const SEND_LABELS: Readonly<Record<SendRow, string>> = {
  ws: "ws.send(data, callback)",
  "ws-promise": "ws.send in a promise each",
  oath: "oath-ws sink.send()",
};

export const EVENT_ROWS = ["ws", "binance-take", "binance-for-await", "binance-common", "tardis-dev"] as const;
export type EventRow = (typeof EVENT_ROWS)[number];

export const EVENT_LABELS: Readonly<Record<EventRow, string>> = {
  ws: "ws + JSON.parse",
  "binance-take": "venue-binance take()",
  "binance-for-await": "venue-binance for await",
  "binance-common": "@binance/common",
  "tardis-dev": "tardis-dev",
};

/** Trades of 167 B, and order book changes of 762 B. */
export const EVENT_MIXES = ["trade", "depth"] as const;
export type EventMix = (typeof EVENT_MIXES)[number];

/** Everything measured is a ratio to this row, so it is in every run. */
export const BASE_ROW = "ws";
