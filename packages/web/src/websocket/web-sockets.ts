import { handshakeOptionsInvalid, protocolFaults } from "@oath-ws/resilience/leaf";
import { STANDARD_BINARY_TYPES, StandardSocket } from "@oath-ws/resilience/platform";
import type { SocketPlatform, StandardBinaryType } from "@oath-ws/resilience/platform";
import { BUILD_KEYS, buildParts } from "../build-parts.js";
import { handshakeFault } from "../handshake-fault.js";
import { sharedGate } from "../web-gate.js";
import { webTimer } from "../web-runtime.js";
import type { WebSocketConstructorLike } from "../web-socket-like.js";
import type { ReconnectingWebSocketOptions } from "./socket-options.js";

/**
 * The type of a binary message: an `ArrayBuffer` (the default), or a `Blob`, whose bytes can be
 * read only later: too late for a price.
 */
export type SocketBinaryType = StandardBinaryType;

/** The payload of a binary message, as `binaryType` says. */
export type SocketBinaryData = ArrayBuffer | Blob;

const TRACES = "is tracer, or webDiagnostics.onTrace() of @oath-ws/web";

/** A page or a worker has a location, a process has not. */
const scope = globalThis as {
  readonly location?: { readonly href: string };
  readonly WebSocket?: WebSocketConstructorLike;
};

/** The platform's class, for when one of ours has taken its place in the global scope. */
const { WebSocket: atLoad } = scope;

/** The two classes over the stack of `buildWeb()`. */
export const webSockets: SocketPlatform<SocketBinaryType, SocketBinaryData> = {
  timer: webTimer,
  bind: undefined,
  gate: sharedGate,
  binary: STANDARD_BINARY_TYPES,
  options: { names: BUILD_KEYS, hints: { debug: TRACES, debugLogger: TRACES } },
  baseUrl: () => scope.location?.href,
  parts(options: ReconnectingWebSocketOptions | undefined, issues) {
    const WebSocket = options?.WebSocket ?? (isOurs(scope.WebSocket) ? atLoad : scope.WebSocket);
    if (isOurs(WebSocket) || (WebSocket === undefined && isOurs(scope.WebSocket)))
      issues.push({ path: "WebSocket", message: OURS });
    return {
      ...buildParts({ ...options, WebSocket }, issues),
      handshakeFault(handshake) {
        const fault = handshakeFault(handshake, options?.headersSupported === true);
        if (fault !== undefined) return fault;
        const faults = [...protocolFaults(handshake.protocols)];
        return faults.length === 0 ? undefined : handshakeOptionsInvalid(faults.join("; "));
      },
    };
  },
};

const OURS =
  "must be the platform's own class: import this module before you replace the global one";

/** Whether a socket of that class would be made of sockets of ours, and so on without end. */
function isOurs(made: WebSocketConstructorLike | undefined): boolean {
  return typeof made === "function" && (made.prototype as unknown) instanceof StandardSocket;
}
