import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import type { ClientRequest, RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect as netConnect } from "node:net";
import type { NetConnectOpts, Socket } from "node:net";
import { unescape } from "node:querystring";
import { connect as tlsConnect } from "node:tls";
import type { ConnectionOptions } from "node:tls";
import type { Handshake } from "@oath-ws/contract";
import type { ResolvedOptions } from "../options/resolve-options.js";
import type { WsDeflateOptions } from "../options/ws-connector-options.js";
import type { DialPlan } from "../leaf/dialling.js";
import { deflateOffer } from "./deflate-extension.js";
import { randomMask } from "./mask-source.js";
import type { MaskSource } from "./mask-source.js";
import { readShared } from "./socket-reads.js";

/** RFC 6455 section 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The upgrade, asked for. */
export interface UpgradeRequest {
  /** Not ended yet. */
  readonly request: ClientRequest;
  /** What `Sec-WebSocket-Accept` must be. */
  readonly accept: string;
}

/**
 * Makes the request of RFC 6455 section 4.1 with Node's HTTP client, so that agents, lookups,
 * proxies and TLS work as everywhere else. The handshake has passed `handshakeFault`. Throws what
 * Node throws for options that it does not like.
 *
 * @param deflate what to offer of RFC 7692, if anything
 */
export function upgradeRequest(
  options: ResolvedOptions,
  handshake: Handshake,
  { host, tls, tunnel }: DialPlan,
  deflate: WsDeflateOptions | undefined,
): UpgradeRequest {
  const url = new URL(handshake.url);
  const secure = tls !== undefined;
  const key = handshakeKey(options.socket.generateMask);
  const {
    perMessageDeflate: _offer,
    generateMask: _mask,
    skipUTF8Validation: _validate,
    origin,
    ...rest
  } = options.socket;
  const request = {
    createConnection: secure ? connectTls : connectTcp,
    ...rest,
    ...(tunnel === undefined ? {} : { agent: tunnel }),
    ...tls,
    method: "GET",
    host,
    port: url.port === "" ? (secure ? 443 : 80) : url.port,
    defaultPort: secure ? 443 : 80,
    path: url.pathname + url.search,
    ...(url.username === "" && url.password === ""
      ? {}
      : { auth: `${unescape(url.username)}:${unescape(url.password)}` }),
    headers: {
      ...handshake.headers,
      ...(origin === undefined ? {} : { Origin: origin }),
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": key,
      ...(handshake.protocols.length === 0
        ? {}
        : { "Sec-WebSocket-Protocol": handshake.protocols.join(",") }),
      ...(deflate === undefined ? {} : { "Sec-WebSocket-Extensions": deflateOffer(deflate) }),
    },
  } as RequestOptions;
  return {
    request: secure ? httpsRequest(request) : httpRequest(request),
    accept: createHash("sha1")
      .update(Buffer.from(key + GUID))
      .digest("base64"),
  };
}

/** 16 random bytes (RFC 6455 section 4.1), of the source that also makes the masking keys. */
function handshakeKey(fill: MaskSource = randomMask): string {
  const key = Buffer.alloc(16);
  for (let at = 0; at < key.length; at += 4) fill(key.subarray(at, at + 4));
  return key.toString("base64");
}

/** Without the request's `path`, which Node would take for that of a Unix socket. */
function connectTcp(options: NetConnectOpts): Socket {
  return readShared((onread) =>
    netConnect({ ...options, path: undefined, onread } as NetConnectOpts),
  );
}

function connectTls(options: ConnectionOptions): Socket {
  return readShared((onread) =>
    tlsConnect({ ...options, path: undefined, onread } as ConnectionOptions),
  );
}
