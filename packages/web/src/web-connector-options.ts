import type { ConfigIssue, Timer } from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";
import { numberFault, seamIssues, typeName } from "@oath-ws/resilience";
import { webTimer } from "./web-runtime.js";
import type { WebSocketConstructorLike } from "./web-socket-like.js";

const WHOLE = { min: 1, whole: true } as const;

/** Options of `webConnector`; every field is optional. */
export interface WebConnectorOptions {
  /** Makes the sockets. Default: `globalThis.WebSocket`, as it is when the connector is made. */
  readonly WebSocket?: WebSocketConstructorLike | undefined;
  /**
   * The constructor takes `{ protocols, headers }` as its second argument, as those of Bun, Deno
   * and undici (Node 22) do. Default `false`, since browsers do not: a handshake with headers is
   * then refused with `HANDSHAKE_OPTIONS_INVALID`.
   */
  readonly headersSupported?: boolean | undefined;
  /**
   * The largest message that is accepted, in bytes. A longer one ends the connection with
   * `MESSAGE_TOO_BIG`; but only after the platform has received it whole, for the standard offers
   * no earlier bound. At least 1. Default 32 MiB.
   */
  readonly maxMessageBytes?: number | undefined;
  /**
   * Bytes that may wait inside the platform's socket (`bufferedAmount`). A send that would exceed
   * it is refused with `SEND_QUEUE_FULL`, so that a peer that stopped reading cannot fill the
   * memory. At least 1. Default 16 MiB.
   */
  readonly maxBufferedBytes?: number | undefined;
  /**
   * How long our closing handshake may take before the socket is let go, in milliseconds. More than
   * 0. Default 5000.
   */
  readonly closeTimeoutMs?: number | undefined;
  /** Clock and timers. Default `webTimer`. */
  readonly timer?: Timer | undefined;
}

/** Checked options with their defaults. */
export interface ResolvedWebOptions {
  readonly WebSocket: WebSocketConstructorLike;
  readonly headersSupported: boolean;
  readonly maxMessageBytes: number;
  readonly maxBufferedBytes: number;
  readonly closeTimeoutMs: number;
  readonly timer: Timer;
}

const MIB = 1024 * 1024;

const KEYS: Readonly<Record<keyof WebConnectorOptions, true>> = {
  WebSocket: true,
  headersSupported: true,
  maxMessageBytes: true,
  maxBufferedBytes: true,
  closeTimeoutMs: true,
  timer: true,
};

/** Checks everything at once. Throws one `ConfigError` with all issues. */
export function resolveWebOptions(options: WebConnectorOptions = {}): ResolvedWebOptions {
  const issues: ConfigIssue[] = [];
  if (typeof options !== "object" || options === null) {
    throw new ConfigError([
      {
        path: "options",
        message: `must be an object, got ${typeName(options)}`,
      },
    ]);
  }
  for (const path of Object.keys(options)) {
    if (!Object.hasOwn(KEYS, path))
      issues.push({ path, message: `is not an option (known: ${Object.keys(KEYS).join(", ")})` });
  }
  const {
    headersSupported = false,
    maxMessageBytes = 32 * MIB,
    maxBufferedBytes = 16 * MIB,
    closeTimeoutMs = 5000,
  } = options;
  const { timer = webTimer } = options;
  const WebSocket =
    options.WebSocket ?? (globalThis as { WebSocket?: WebSocketConstructorLike }).WebSocket;
  if (WebSocket === undefined) {
    issues.push({
      path: "WebSocket",
      message: "is required: this platform has no global WebSocket",
    });
  } else if (typeof WebSocket !== "function") {
    issues.push({ path: "WebSocket", message: `must be a constructor, got ${typeof WebSocket}` });
  }
  if (typeof headersSupported !== "boolean") {
    issues.push({
      path: "headersSupported",
      message: `must be a boolean, got ${typeof headersSupported}`,
    });
  }
  for (const [path, value, range] of [
    ["maxMessageBytes", maxMessageBytes, WHOLE],
    ["maxBufferedBytes", maxBufferedBytes, WHOLE],
    ["closeTimeoutMs", closeTimeoutMs, { above: 0 }],
  ] as const) {
    const message = numberFault(range, value);
    if (message !== undefined) issues.push({ path, message });
  }
  issues.push(...seamIssues({ timer }));
  if (issues.length > 0 || WebSocket === undefined) throw new ConfigError(issues);
  return {
    WebSocket,
    headersSupported,
    maxMessageBytes,
    maxBufferedBytes,
    closeTimeoutMs,
    timer,
  };
}
