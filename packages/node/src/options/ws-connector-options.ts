import type { Agent } from "node:http";
import type { LookupFunction } from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionOptions } from "node:tls";
import type { ZlibOptions } from "node:zlib";
import type { Timer } from "@oath-ws/contract";

/**
 * TLS options as `tls.connect` takes them, without those that say where to connect. What differs
 * from Node's defaults: `rejectUnauthorized` is `true` unless it is `false` here, whatever
 * `NODE_TLS_REJECT_UNAUTHORIZED` says; `minVersion` is `"TLSv1.2"`; `servername` is the URL's host,
 * whatever a `Host` header says; no session is resumed unless `session` gives one. `secureProtocol`
 * is refused; use `minVersion` and `maxVersion`. Beside `secureContext`, options that belong into
 * it are refused.
 */
export type WsTlsOptions = Pick<
  ConnectionOptions,
  | "allowPartialTrustChain"
  | "ALPNProtocols"
  | "ca"
  | "cert"
  | "checkServerIdentity"
  | "ciphers"
  | "crl"
  | "dhparam"
  | "ecdhCurve"
  | "enableTrace"
  | "honorCipherOrder"
  | "key"
  | "maxVersion"
  | "minDHSize"
  | "minVersion"
  | "passphrase"
  | "pfx"
  | "privateKeyEngine"
  | "privateKeyIdentifier"
  | "pskCallback"
  | "rejectUnauthorized"
  | "secureContext"
  | "secureOptions"
  | "servername"
  | "session"
  | "sessionIdContext"
  | "sessionTimeout"
  | "sigalgs"
>;

/**
 * Parameters of permessage-deflate (RFC 7692). Over the transport `"direct"` each message stands
 * alone, so there neither of the two `NoContextTakeover` can be `false`.
 */
export interface WsDeflateOptions {
  readonly serverNoContextTakeover?: boolean | undefined;
  readonly clientNoContextTakeover?: boolean | undefined;
  readonly serverMaxWindowBits?: number | undefined;
  readonly clientMaxWindowBits?: number | undefined;
  readonly zlibDeflateOptions?: ZlibOptions | undefined;
  readonly zlibInflateOptions?: ZlibOptions | undefined;
  /** Messages below this many bytes are sent uncompressed. Default 1024. */
  readonly threshold?: number | undefined;
}

/**
 * How a socket is dialled and what is spoken over it, for either transport. What has no comment
 * goes to `http.request` and `net.connect` as it is; Node's documentation describes it.
 */
export interface WsSocketOptions {
  /**
   * An `http.Agent`, for instance one that tunnels through a proxy. For `wss:` it must be an
   * `https.Agent`, or act like one.
   */
  readonly agent?: Agent | undefined;
  readonly autoSelectFamily?: boolean | undefined;
  /**
   * How long one address of a name with several may take to connect before the next one is tried,
   * in milliseconds; the last one may take all that is left. `open()` and `build()` set it to half
   * of `connect.timeoutMs`, a bare connector to 5000. Node's own default, 250, cuts off every far
   * server.
   */
  readonly autoSelectFamilyAttemptTimeout?: number | undefined;
  /** Makes the socket, TLS included, in place of `net.connect` and `tls.connect`. */
  readonly createConnection?: ((options: never) => Duplex) | undefined;
  readonly family?: number | undefined;
  /**
   * Makes the masking key in place of `crypto.randomFillSync` (RFC 6455 section 5.3 says why it
   * should be unpredictable).
   */
  readonly generateMask?: ((mask: Buffer) => void) | undefined;
  readonly hints?: number | undefined;
  readonly insecureHTTPParser?: boolean | undefined;
  /** TCP keepalive. Default off: the stack's own liveness probes see more than the kernel's. */
  readonly keepAlive?: boolean | undefined;
  readonly keepAliveInitialDelay?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  /** Resolves host names in place of `dns.lookup`. */
  readonly lookup?: LookupFunction | undefined;
  readonly maxHeaderSize?: number | undefined;
  /** The `Origin` header. Default none. */
  readonly origin?: string | undefined;
  /**
   * Offers permessage-deflate. Default off: it costs latency, and the memory of two zlib streams.
   */
  readonly perMessageDeflate?: boolean | WsDeflateOptions | undefined;
  /**
   * Accepts text messages and close reasons that are not UTF-8, which some venues send. Default
   * `false`.
   */
  readonly skipUTF8Validation?: boolean | undefined;
}

/** What npm `ws` alone understands: over the transport `"direct"` each is refused by name. */
export interface WsOnlyOptions {
  /**
   * Compressions at a time in the whole process; the first connection that is made decides. Default
   * 10. The transport `"direct"` compresses in the turn of the send.
   */
  readonly concurrencyLimit?: number | undefined;
}

/**
 * Options of `directConnector`. A wrong one is an issue of the one `ConfigError` that it then
 * throws.
 */
export interface DirectConnectorOptions {
  /**
   * The largest message that is accepted, in bytes after decompression: 1 to 2^31 - 1. A longer one
   * ends the connection with `MESSAGE_TOO_BIG`. Default 32 MiB: above any snapshot a venue sends,
   * and little enough to hold.
   */
  readonly maxMessageBytes?: number | undefined;
  /**
   * How long a closing handshake may take before the socket is dropped, in milliseconds, whichever
   * side began it. More than 0 and finite. Default 5000.
   */
  readonly closeTimeoutMs?: number | undefined;
  /**
   * TLS options for `wss:`. Certificates and keys of an object are parsed once, when the connector
   * is made.
   *
   * A function is asked before every dial, so that a CA or a client certificate can be rotated
   * while the process runs; return the same object until something changes, and it is parsed once
   * as well. Read files elsewhere, for it is called synchronously. When it throws or returns
   * something unusable, the attempt fails with `TLS_OPTIONS_INVALID`, which is transient: half of a
   * new pair may be in place, and the next attempt asks again. An `https.Agent` with `keepAlive`
   * may hand out a connection that was made before.
   */
  readonly tls?: WsTlsOptions | (() => WsTlsOptions) | undefined;
  /**
   * A proxy to go through: `"http://user:password@host:port"` (or `https:`), or `"env"` for what
   * `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say at each dial, in lower or upper
   * case. Default none, whatever the environment says.
   *
   * The proxy is asked for a tunnel with CONNECT, also for `ws:`; TLS goes through it to the URL's
   * host. Its failures have kind `proxy`. Not beside `socket.agent` or `socket.createConnection`.
   */
  readonly proxy?: string | undefined;
  /** How the socket is dialled and what is spoken over it. */
  readonly socket?: WsSocketOptions | undefined;
  /** Clock and timers. Default `nodeTimer`. */
  readonly timer?: Timer | undefined;
}

/**
 * Options of `wsConnector`. A wrong one is an issue of the one `ConfigError` that it then throws.
 */
export interface WsConnectorOptions extends DirectConnectorOptions {
  /** What npm `ws` alone understands. */
  readonly ws?: WsOnlyOptions | undefined;
}
