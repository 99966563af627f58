import type { ConfigIssue } from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";
import type { BuildOptions } from "../build.js";
import { BUILD_KEYS, unknownOptionIssues } from "../options/build-parts.js";
import { BINARY_TYPES } from "./payload.js";
import type { SocketBinaryType } from "./payload.js";

/**
 * Options of a `ReconnectingWebSocket`, beside those of `build()`; every field is optional. Sockets
 * without a `gate` share one, which counts by the host that a URL function names; a gate of your
 * own sees no host before the first answer, so give it a constant key.
 */
export interface ReconnectingWebSocketOptions extends BuildOptions {
  /**
   * Additional request headers. For values that expire use `auth`, which is asked on every attempt.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** See `ReconnectingWebSocket.binaryType`. Default `"arraybuffer"`. */
  readonly binaryType?: SocketBinaryType | undefined;
  /**
   * What `send()` does while there is no connection. `"throw"` (the default): throws
   * `NOT_CONNECTED`. `"wait"`: keeps the frame for the next connection, within
   * `config.send.maxPending`, `config.send.maxPendingBytes` and {@link whileDownDeadlineMs}; it
   * leaves after the `open` listeners have run. A frame that is not sent in the end becomes an
   * `error` event.
   */
  readonly whileDown?: "throw" | "wait" | undefined;
  /** How long a frame may wait, in milliseconds. Default 10 000. */
  readonly whileDownDeadlineMs?: number | undefined;
}

const KEYS: Readonly<Record<keyof ReconnectingWebSocketOptions, true>> = {
  ...BUILD_KEYS,
  headers: true,
  binaryType: true,
  whileDown: true,
  whileDownDeadlineMs: true,
};

/**
 * What reconnecting-websocket and partysocket call it, and what became of it. To ignore one of
 * these would change what a program does.
 */
const PEER_OPTIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    WebSocket: "is always npm ws; for a WHATWG socket use openWeb() of @oath-ws/web",
    maxReconnectionDelay: "is config.backoff.maxMs",
    minReconnectionDelay: "is config.backoff.minMs",
    reconnectionDelayGrowFactor: "is config.backoff.factor",
    minUptime: "is config.backoff.stableAfterMs",
    connectionTimeout: "is config.connect.timeoutMs",
    maxRetries: "is config.attempts.maxAttempts, which counts the first attempt too",
    maxEnqueuedMessages: 'is config.send.maxPending, with whileDown: "wait"',
    startClosed: "cannot be used: make the socket when it is to connect",
    debug: "is tracer, or the diagnostics channel oath-ws:trace",
    debugLogger: "is tracer, or the diagnostics channel oath-ws:trace",
  }),
);

/** Finds what is wrong with the options that are not `build()`'s. */
export function socketOptionIssues(options: unknown): ConfigIssue[] {
  const issues = unknownOptionIssues(options, KEYS, PEER_OPTIONS);
  const { binaryType, whileDown, whileDownDeadlineMs } = (options ?? {}) as Readonly<
    Record<string, unknown>
  >;
  if (binaryType !== undefined) issues.push(...binaryTypeIssues(binaryType));
  if (whileDown !== undefined && whileDown !== "throw" && whileDown !== "wait") {
    issues.push({ path: "whileDown", message: 'must be "throw" or "wait"' });
  }
  if (
    whileDownDeadlineMs !== undefined &&
    !(Number.isFinite(whileDownDeadlineMs) && (whileDownDeadlineMs as number) > 0)
  ) {
    issues.push({ path: "whileDownDeadlineMs", message: "must be a finite number above 0" });
  }
  return issues;
}

/**
 * @throws ConfigError unless it is a {@link SocketBinaryType}
 */
export function checkBinaryType(value: unknown): void {
  const issues = binaryTypeIssues(value);
  if (issues.length > 0) throw new ConfigError(issues);
}

function binaryTypeIssues(value: unknown): ConfigIssue[] {
  if ((BINARY_TYPES as readonly unknown[]).includes(value)) return [];
  return [{ path: "binaryType", message: `must be one of ${BINARY_TYPES.join(", ")}` }];
}
