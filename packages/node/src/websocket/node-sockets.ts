import { Buffer } from "node:buffer";
import { STANDARD_BINARY_TYPES } from "@oath-ws/resilience/platform";
import type { SocketPlatform, StandardBinaryType } from "@oath-ws/resilience/platform";
import { handshakeFault } from "../errors/handshake-fault.js";
import { BUILD_KEYS, buildParts, RENAMED } from "../options/build-parts.js";
import { diagnosticsTracer } from "../runtime/diagnostics.js";
import { nodeBind, nodeTimer } from "../runtime/node-runtime.js";
import { nodeSeams } from "../runtime/node-seams.js";
import { sharedGate } from "../runtime/shared-gate.js";
import type { ReconnectingWebSocketOptions } from "./socket-options.js";

/**
 * The type of a binary message: an `ArrayBuffer` of its own (the default), Node's `Buffer`, which
 * saves a copy, or a `Blob`, whose bytes can be read only later: too late for a price.
 */
export type SocketBinaryType = StandardBinaryType | "nodebuffer";

/** The payload of a binary message, as `binaryType` says. */
export type SocketBinaryData = ArrayBuffer | Blob | Buffer;

const TRACES = "is tracer, or the diagnostics channel oath-ws:trace";

/** The two classes over the stack of `build()`. */
export const nodeSockets: SocketPlatform<SocketBinaryType, SocketBinaryData> = {
  timer: nodeTimer,
  bind: nodeBind,
  gate: sharedGate,
  binary: {
    ...STANDARD_BINARY_TYPES,
    nodebuffer: ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength),
  },
  options: {
    names: BUILD_KEYS,
    hints: {
      ...Object.fromEntries(RENAMED),
      WebSocket: 'is transport: "direct" or "ws"; over a WHATWG socket use @oath-ws/web/websocket',
      debug: TRACES,
      debugLogger: TRACES,
    },
  },
  baseUrl: () => undefined,
  parts(options: ReconnectingWebSocketOptions | undefined, issues) {
    // 0 means "at once" to the stack, which destroys the connection by itself then.
    const { config, leaf } = buildParts(options, issues, ({ shutdown }) =>
      Math.max(1, shutdown.timeoutMs),
    );
    const tracer = diagnosticsTracer(options?.tracer);
    return { config, stack: { ...nodeSeams, leaf, tracer }, handshakeFault };
  },
};
