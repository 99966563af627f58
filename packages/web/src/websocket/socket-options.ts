import type { ReconnectingSocketFields, ResilientSocketFields } from "@oath-ws/resilience/platform";
import type { BuildWebOptions } from "../build-web.js";
import type { SocketBinaryType } from "./web-sockets.js";

/**
 * Options of a `ResilientWebSocket`, beside those of `buildWeb()`; every field is optional. Of
 * `config`, `backoff` and the limits on tries have no effect: there is one attempt. Sockets without
 * a `gate` share one, which counts by the host that a URL function names; a gate of your own sees
 * no host before the first answer, so give it a constant key.
 */
export interface ResilientWebSocketOptions
  extends Omit<BuildWebOptions, "classify">,
    ResilientSocketFields<SocketBinaryType> {}

/** Options of a `ReconnectingWebSocket`; every field is optional. All of `config` applies. */
export interface ReconnectingWebSocketOptions
  extends ResilientWebSocketOptions,
    ReconnectingSocketFields {}
