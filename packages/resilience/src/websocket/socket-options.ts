import type { AuthSource, Classify, ConfigIssue } from "@oath-ws/contract";
import { nameFault } from "../core/connection-names.js";
import type { Gate } from "../core/gate.js";
import { numberFault } from "../number-fault.js";
import { unknownOptionIssues } from "../option-keys.js";

/**
 * The options of a `ResilientWebSocket` beside those of the platform's `build()`; every field is
 * optional.
 */
export interface ResilientSocketFields<Binary extends string> {
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
  readonly binaryType?: Binary | undefined;
}

/** The options that only a `ReconnectingWebSocket` has; every field is optional. */
export interface ReconnectingSocketFields {
  /** Decides which failures are permanent and end the socket. Default: `defaultClassify`. */
  readonly classify?: Classify | undefined;
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

/** The options that a socket reads itself; the platform reads the others. */
export interface SocketFields<Binary extends string>
  extends ResilientSocketFields<Binary>,
    ReconnectingSocketFields {
  readonly auth?: AuthSource | undefined;
  readonly gate?: Gate | undefined;
}

/** Which of the two classes a socket belongs to. */
export type SocketKind = "reconnecting" | "resilient";

const RECONNECTING_ONLY = {
  classify: true,
  whileDown: true,
  whileDownDeadlineMs: true,
} as const satisfies Record<keyof ReconnectingSocketFields, true>;

const RESILIENT_ONLY = {
  headers: true,
  name: true,
  binaryType: true,
} as const satisfies Record<keyof ResilientSocketFields<string>, true>;

/**
 * Option names of reconnecting-websocket and partysocket, and what takes their place. Ignoring one
 * of them would change what a program does.
 */
const PEER_OPTIONS = {
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
};

const ONE_CONNECTION = "is an option of ReconnectingWebSocket: this socket never reconnects";

/** What a platform's options are, beside those of this file. */
export interface PlatformOptions {
  /** The names of the options of `build()`. */
  readonly names: Readonly<Record<string, true>>;
  /** The values of `binaryType`. */
  readonly binaryTypes: readonly string[];
  /** What takes the place of names that others know. */
  readonly hints: Readonly<Record<string, string>>;
}

/** Reports what is wrong with the options that are not those of `build()`. */
export function socketOptionIssues(
  options: unknown,
  kind: SocketKind,
  platform: PlatformOptions,
): ConfigIssue[] {
  const issues = unknownOptionIssues(options, namesOf(kind, platform), hintsOf(kind, platform));
  const { name, binaryType, whileDown, whileDownDeadlineMs } = (options ?? {}) as Readonly<
    Record<string, unknown>
  >;
  const { binaryTypes } = platform;
  if (binaryType !== undefined && !(binaryTypes as readonly unknown[]).includes(binaryType)) {
    issues.push({ path: "binaryType", message: `must be one of ${binaryTypes.join(", ")}` });
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

function namesOf(kind: SocketKind, { names }: PlatformOptions): Readonly<Record<string, true>> {
  if (kind === "reconnecting") return { ...names, ...RESILIENT_ONLY, ...RECONNECTING_ONLY };
  const { classify: _, ...shared } = names;
  return { ...shared, ...RESILIENT_ONLY };
}

function hintsOf(kind: SocketKind, { hints }: PlatformOptions): ReadonlyMap<string, string> {
  const all = new Map(Object.entries({ ...PEER_OPTIONS, ...hints }));
  if (kind === "resilient")
    for (const name of Object.keys(RECONNECTING_ONLY)) all.set(name, ONE_CONNECTION);
  return all;
}
