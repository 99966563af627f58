import type { ConfigIssue } from "@oath-ws/contract";
import { nameFault, numberFault } from "@oath-ws/resilience";
import type { BuildOptions } from "../build.js";
import { BUILD_KEYS, unknownOptionIssues } from "../options/build-parts.js";
import { BINARY_TYPES, isBinaryType } from "./payload.js";
import type { SocketBinaryType } from "./payload.js";

/**
 * Options of a `ResilientWebSocket`, beside those of `build()`; every field is optional. Of
 * `config`, `backoff` and the limits on tries have no effect: there is one attempt. Sockets without
 * a `gate` share one, which counts by the host that a URL function names; a gate of your own sees
 * no host before the first answer, so give it a constant key.
 */
export interface ResilientWebSocketOptions extends Omit<BuildOptions, "classify"> {
  /**
   * Additional request headers. For values that expire use `auth`, which is asked on every attempt.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * How traces, errors and statistics name the connection, 1 to 128 characters without control
   * characters. Must hold no secret. Default: the URL's host and port, or `"websocket"` where a
   * function is asked for the URL. Further ones of the same name get `#2`, `#3` and so on.
   */
  readonly name?: string | undefined;
  /** The initial value of the property `binaryType`. Default `"arraybuffer"`. */
  readonly binaryType?: SocketBinaryType | undefined;
}

/** Options of a `ReconnectingWebSocket`; every field is optional. All of `config` applies. */
export interface ReconnectingWebSocketOptions extends ResilientWebSocketOptions {
  /** Decides which failures are permanent and end the socket. Default: `defaultClassify`. */
  readonly classify?: BuildOptions["classify"];
  /**
   * What `send()` does while there is no connection. `"throw"` (the default): throws an
   * `InvalidStateError`. `"wait"`: keeps the frame for the next connection, within
   * `config.send.maxPending`, `config.send.maxPendingBytes` and {@link whileDownDeadlineMs}; it
   * leaves after the `open` listeners have run. A frame that is not sent in the end becomes an
   * `unsent` event.
   */
  readonly whileDown?: "throw" | "wait" | undefined;
  /** How long a frame may wait, in milliseconds. Default 10 000. */
  readonly whileDownDeadlineMs?: number | undefined;
}

/** Which of the two classes a socket belongs to. */
export type SocketKind = "reconnecting" | "resilient";

const RECONNECTING_ONLY = {
  classify: true,
  whileDown: true,
  whileDownDeadlineMs: true,
} as const satisfies Partial<Record<keyof ReconnectingWebSocketOptions, true>>;

const { classify: _, ...SHARED_BUILD_KEYS } = BUILD_KEYS;

const RESILIENT_KEYS: Readonly<Record<keyof ResilientWebSocketOptions, true>> = {
  ...SHARED_BUILD_KEYS,
  headers: true,
  name: true,
  binaryType: true,
};

const RECONNECTING_KEYS: Readonly<Record<keyof ReconnectingWebSocketOptions, true>> = {
  ...RESILIENT_KEYS,
  ...RECONNECTING_ONLY,
};

/**
 * Option names of reconnecting-websocket and partysocket, and what takes their place. Ignoring one
 * of them would change what a program does.
 */
const PEER_OPTIONS = {
  WebSocket: 'is transport: "direct" or "ws"; for a WHATWG socket use openWeb() of @oath-ws/web',
  maxReconnectionDelay: "is config.backoff.maxMs",
  minReconnectionDelay: "is config.backoff.minMs",
  reconnectionDelayGrowFactor: "is config.backoff.factor",
  minUptime: "is config.backoff.stableAfterMs",
  connectionTimeout: "is config.connect.timeoutMs",
  maxRetries: "is config.attempts.maxAttempts, which counts the first attempt too",
  maxEnqueuedMessages: 'is config.send.maxPending, with whileDown: "wait"',
  shouldReconnectOnClose:
    "is classify, which is given the failure and answers transient or permanent",
  startClosed: "cannot be used: make the socket when it is to connect",
  debug: "is tracer, or the diagnostics channel oath-ws:trace",
  debugLogger: "is tracer, or the diagnostics channel oath-ws:trace",
};

const ONE_CONNECTION = "is an option of ReconnectingWebSocket: this socket never reconnects";

const HINTS: Readonly<Record<SocketKind, ReadonlyMap<string, string>>> = {
  reconnecting: new Map(Object.entries(PEER_OPTIONS)),
  resilient: new Map([
    ...Object.entries(PEER_OPTIONS),
    ...Object.keys(RECONNECTING_ONLY).map((name) => [name, ONE_CONNECTION] as const),
  ]),
};

const KEYS: Readonly<Record<SocketKind, Readonly<Record<string, true>>>> = {
  reconnecting: RECONNECTING_KEYS,
  resilient: RESILIENT_KEYS,
};

/** Reports what is wrong with the options that are not those of `build()`. */
export function socketOptionIssues(options: unknown, kind: SocketKind): ConfigIssue[] {
  const issues = unknownOptionIssues(options, KEYS[kind], HINTS[kind]);
  const { name, binaryType, whileDown, whileDownDeadlineMs } = (options ?? {}) as Readonly<
    Record<string, unknown>
  >;
  if (binaryType !== undefined && !isBinaryType(binaryType)) {
    issues.push({ path: "binaryType", message: `must be one of ${BINARY_TYPES.join(", ")}` });
  }
  const badName = nameFault(name);
  if (badName !== undefined) issues.push({ path: "name", message: badName });
  if (kind === "resilient") return issues;
  if (whileDown !== undefined && whileDown !== "throw" && whileDown !== "wait") {
    issues.push({ path: "whileDown", message: 'must be "throw" or "wait"' });
  }
  if (whileDownDeadlineMs !== undefined) {
    const message = numberFault({ above: 0 }, whileDownDeadlineMs);
    if (message !== undefined) issues.push({ path: "whileDownDeadlineMs", message });
  }
  return issues;
}
