import type { Bind, ConfigIssue, Handshake, Timer, WsError } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import type { SharedGate } from "../core/shared-gate.js";
import type { StackOptions } from "../stack.js";
import type { BinaryTypes } from "./payload.js";
import type { PlatformOptions } from "./socket-options.js";

/** What a socket's stack is assembled from, its options checked. */
export interface SocketParts {
  readonly config: ResilienceConfig;
  /** The connector, the seams and the tracer. */
  readonly stack: Omit<StackOptions, "auth" | "classify" | "config" | "gate">;
  /** Says why a handshake cannot be dialled. Subprotocols that differ only in case may pass. */
  readonly handshakeFault: (handshake: Handshake) => WsError | undefined;
}

/** What the two socket classes of a platform are made of. */
export interface SocketPlatform<Binary extends string, Data> {
  readonly timer: Timer;
  /** Keeps the async context of listeners; `undefined` where the platform has none. */
  readonly bind: Bind | undefined;
  /** Counts the attempts of sockets that name no gate of their own. */
  readonly gate: SharedGate;
  /** The values of `binaryType`, `"arraybuffer"` among them, and what they make of the bytes. */
  readonly binary: BinaryTypes<Binary, Data>;
  /** The names of the other options. */
  readonly options: Omit<PlatformOptions, "binaryTypes">;
  /** What relative URLs are relative to; `undefined` where there is no page. */
  baseUrl(): string | undefined;
  /**
   * Checks the options and makes the parts.
   *
   * @param issues what is wrong with the options that are not those of `build()`
   * @throws ConfigError with those issues and all others
   */
  parts(options: object | undefined, issues: ConfigIssue[]): SocketParts;
}
