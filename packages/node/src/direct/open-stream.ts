import { connect as netConnect } from "node:net";
import type { NetConnectOpts, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as tlsConnect } from "node:tls";
import type { ConnectionOptions } from "node:tls";
import type { PhaseListener } from "../leaf/dial-phases.js";
import { watchSocket } from "../leaf/dial-phases.js";
import type { DialPlan } from "../leaf/dialling.js";
import type { WsSocketOptions } from "../options/ws-connector-options.js";
import { askTunnel } from "../proxy/ask-tunnel.js";
import { readShared } from "./socket-reads.js";

/** Options of `net.connect`. */
type NetOptions = Pick<
  WsSocketOptions,
  | "autoSelectFamily"
  | "autoSelectFamilyAttemptTimeout"
  | "family"
  | "hints"
  | "keepAlive"
  | "keepAliveInitialDelay"
  | "localAddress"
  | "localPort"
  | "lookup"
>;

/** Those of the socket options that are for `net.connect`. */
export function netOptions(socket: WsSocketOptions): NetOptions {
  const {
    agent: _agent,
    createConnection: _create,
    generateMask: _mask,
    insecureHTTPParser: _parser,
    maxHeaderSize: _size,
    origin: _origin,
    perMessageDeflate: _offer,
    skipUTF8Validation: _validate,
    ...rest
  } = socket;
  return rest;
}

/** Told of the stream that an attempt goes over. */
export interface StreamOpening {
  /**
   * There is a stream, which perhaps still connects. It is called once at most, perhaps within the
   * call of {@link openStream}.
   */
  begun(stream: Duplex): void;
  /** There will be none. */
  failed(error: unknown): void;
}

/** How `socket.createConnection` is called: as Node's HTTP client calls it. */
type CreateConnection = (
  options: object,
  done: (error: Error | null | undefined, stream?: Duplex) => void,
) => Duplex | undefined;

/**
 * Opens the stream of an attempt: with the caller's `createConnection`, through the proxy of the
 * plan, or with `net.connect` and `tls.connect`. Throws what they throw for options that they do
 * not like.
 *
 * @returns gives up on what has not begun
 */
export function openStream(
  socket: WsSocketOptions,
  { host, port, tls, proxy }: DialPlan,
  told: PhaseListener | undefined,
  opening: StreamOpening,
): () => void {
  const target = { ...netOptions(socket), ...tls, host, port };
  const begin = (stream: Duplex): void => {
    watchSocket(stream, told);
    opening.begun(stream);
  };
  if (proxy !== undefined) {
    const asking = askTunnel(proxy, target, told, (error, tunnel) => {
      if (tunnel === undefined) return opening.failed(error);
      if (tls === undefined) return begin(tunnel);
      try {
        begin(tlsConnect({ ...target, socket: tunnel } as ConnectionOptions));
      } catch (thrown) {
        tunnel.destroy();
        opening.failed(thrown);
      }
    });
    return () => asking.destroy();
  }
  const create = socket.createConnection as CreateConnection | undefined;
  if (create !== undefined) {
    let hasBegun = false;
    const done = (error: Error | null | undefined, stream?: Duplex): void => {
      if (hasBegun) return;
      hasBegun = true;
      if (stream === undefined) opening.failed(error);
      else begin(stream);
    };
    const created = create({ ...target, path: undefined }, done);
    if (created !== undefined && created !== null) done(undefined, created);
  } else if (tls !== undefined) {
    begin(connectTls(target));
  } else {
    begin(connectTcp(target));
  }
  return () => undefined;
}

function connectTcp(options: NetConnectOpts): Socket {
  return readShared((onread) => netConnect({ ...options, noDelay: true, onread }));
}

function connectTls(options: ConnectionOptions): Socket {
  return readShared((onread) =>
    tlsConnect({ ...options, noDelay: true, onread } as ConnectionOptions),
  );
}
