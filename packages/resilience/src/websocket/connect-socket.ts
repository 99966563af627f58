import type {
  Classify,
  ObservedConnection,
  ReconnectingConnection,
  WsConnector,
  WsError,
} from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import { handshakeOptionsInvalid } from "../primitives/leaf-errors.js";
import { waitClock } from "../primitives/wait-clock.js";
import { stack } from "../stack.js";
import type { StackOptions } from "../stack.js";
import { createAddress } from "./address.js";
import type { ProtocolsSource, UrlSource } from "./address.js";
import { domException } from "./dom-exception.js";
import { socketOptionIssues } from "./socket-options.js";
import type { SocketFields, SocketKind } from "./socket-options.js";
import type { SocketPlatform } from "./socket-platform.js";
import { StandInUrl } from "./stand-in-url.js";

/** What a socket wants to know of the attempts made for it. */
export interface AttemptWatcher {
  /** An attempt goes to this URL. */
  readonly onUrl: (url: string) => void;
  /** A connection is there, with this subprotocol. */
  readonly onProtocol: (protocol: string) => void;
}

/** A connection that has been started. */
export interface StartedConnection {
  /** Settles in the next microtask, in phase `connecting`. */
  readonly connecting: Promise<ReconnectingConnection>;
  /** Identity, lifecycle and figures, from the first moment on. */
  readonly observed: ObservedConnection;
  readonly config: ResilienceConfig;
  /** What is known of the URL beforehand; empty when a function is asked for it. */
  readonly url: string;
  /** To be called when it is over. */
  readonly release: () => void;
}

/**
 * The stack of the platform, started at once, with two windows that a plain connection does not
 * have: the URL and the subprotocol of each attempt.
 *
 * @throws ConfigError with everything that is wrong with the options; a `DOMException`
 *   `SyntaxError` for a URL, headers or subprotocols that cannot be used
 */
export function connectSocket<Binary extends string, Data>(
  platform: SocketPlatform<Binary, Data>,
  kind: SocketKind,
  url: UrlSource,
  protocols: ProtocolsSource,
  options: SocketFields<Binary> | undefined,
  watcher: AttemptWatcher,
): StartedConnection {
  const binaryTypes = Object.keys(platform.binary);
  const issues = socketOptionIssues(options, kind, { ...platform.options, binaryTypes });
  const { config, stack: parts, handshakeFault } = platform.parts(options, issues);

  const address = createAddress({
    url,
    protocols,
    headers: options?.headers ?? {},
    auth: options?.auth,
    onUrl: (asked) => {
      // A gate of the caller's own counts the stand-in as it will.
      if (options?.gate === undefined)
        address.standIn?.learn(asked, config.attempts, waitClock(platform.timer).read());
      watcher.onUrl(asked);
    },
    standIn: () => new StandInUrl(platform.gate),
    baseUrl: platform.baseUrl(),
  });
  const fault = handshakeFault(address.handshake) ?? repeatedProtocol(address.handshake.protocols);
  if (fault !== undefined) throw domException("SyntaxError", fault);
  // The stack would reject for it, and a constructor has no one to tell of that.
  const keyFault = options?.gate?.keyFault(address.handshake.url);
  if (keyFault !== undefined) throw new ConfigError([{ path: "gate.key", message: keyFault }]);
  // Known at once, unlike the connection, which `connect` gives a microtask later.
  const observed: ObservedConnection[] = [];
  const connector = stack({
    ...parts,
    leaf: reporting(parts.leaf, watcher.onProtocol),
    ...(kind === "resilient"
      ? endingWithConnection(config)
      : { config, classify: options?.classify }),
    onConnection: (connection) => {
      observed.push(connection);
      parts.onConnection?.(connection);
    },
    auth: address.auth,
    gate: options?.gate ?? platform.gate,
  });
  // The host of a stand-in tells a reader nothing.
  const name = options?.name ?? (address.standIn === undefined ? undefined : "websocket");
  const connecting = connector.connect(address.handshake, { name, awaitFirst: false });
  const [made] = observed;
  if (made === undefined) throw new Error("a checked address was refused");
  return {
    connecting,
    observed: made,
    config,
    url: address.standIn === undefined ? address.handshake.url : "",
    release: () => address.standIn?.forget(),
  };
}

const EVERY_FAILURE_ENDS: Classify = { classify: () => "permanent" };

/** One attempt and one connection: the first failure of either is the last one. */
function endingWithConnection(config: ResilienceConfig): Pick<StackOptions, "classify" | "config"> {
  return {
    classify: EVERY_FAILURE_ENDS,
    // The second setting is for refusals that say when to come back, which count as no try.
    config: { ...config, attempts: { ...config.attempts, permanentRetries: 0, maxAttempts: 1 } },
  };
}

/** The standard compares subprotocols without regard to case; RFC 6455 does not. */
function repeatedProtocol(protocols: readonly string[]): WsError | undefined {
  if (new Set(protocols.map((name) => name.toLowerCase())).size === protocols.length)
    return undefined;
  return handshakeOptionsInvalid("two of the subprotocols differ only in case");
}

function reporting(leaf: WsConnector, onProtocol: (protocol: string) => void): WsConnector {
  return {
    async connect(handshake, events, options) {
      const connection = await leaf.connect(handshake, events, options);
      onProtocol(connection.protocol);
      return connection;
    },
  };
}
