import { asInteger, asRecord, asText, orDefault } from "../check.js";
import { type ProxyDirection, type ProxyRules, resolveRules } from "./proxy-rules.js";
import type { ProxyStats } from "./proxy-tally.js";
import { TcpFaultProxy } from "./tcp-fault-proxy.js";

/** How a proxy is set up. */
export interface FaultProxyOptions {
  /** The server behind it. */
  readonly target: { readonly host: string; readonly port: number };
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** TCP port; 0 picks a free one. Default 0. */
  readonly port?: number;
  /** Decides the sizes of slices and the jitter, per connection and direction. Default 1. */
  readonly seed?: number;
  /** Rules to start with, for both directions. Default none: bytes pass unharmed. */
  readonly rules?: ProxyRules;
  /** Bytes held back per connection and direction before reading stops. Default 1 MiB. */
  readonly maxBufferedBytes?: number;
}

/** Which connections, and which way. */
export interface ProxyScope {
  /** Default `both`. */
  readonly direction?: ProxyDirection;
  /** A connection's id: 1 for the first ever accepted. Default: all, those to come included. */
  readonly connection?: number;
}

/** A running fault proxy. Must be ended with `close`. */
export interface FaultProxy extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** `ws://host:port`, for a target that speaks WebSocket. */
  readonly url: string;
  /** Connections that are open now. */
  readonly connections: number;
  stats(): ProxyStats;
  /**
   * Resolves with the first statistics that satisfy the condition. Rejects when the proxy closes or
   * the signal fires.
   */
  waitFor(condition: (stats: ProxyStats) => boolean, signal?: AbortSignal): Promise<ProxyStats>;
  /** Replaces the rules of the scope. Throws a `SimOptionError` for rules that cannot work. */
  set(rules: ProxyRules, scope?: ProxyScope): void;
  /** Lifts all rules of the scope: `set({}, scope)`. */
  heal(scope?: ProxyScope): void;
  /** Ends a connection, or all, with a TCP reset to both sides. Returns how many there were. */
  reset(connection?: number): number;
  /** Stops listening: new connections are refused by the kernel. Those that are open live on. */
  refuse(): Promise<void>;
  /** Listens again, on the same port. Rejects if somebody else has taken it. */
  accept(): Promise<void>;
  /** Destroys every connection and stops listening. Never fails; may be called again. */
  close(): Promise<void>;
}

/** Starts a proxy. Resolves once it listens; rejects with Node's error if it cannot. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const from = asRecord("options", options, [
    "target",
    "host",
    "port",
    "seed",
    "rules",
    "maxBufferedBytes",
  ]);
  const target = asRecord("target", from["target"], ["host", "port"]);
  const proxy = new TcpFaultProxy({
    targetHost: asText("target.host", target["host"]),
    targetPort: asInteger("target.port", target["port"], { min: 1, max: 65_535 }),
    host: orDefault(from["host"], "127.0.0.1", (value) => asText("host", value)),
    port: orDefault(from["port"], 0, (value) => asInteger("port", value, { min: 0, max: 65_535 })),
    seed: orDefault(from["seed"], 1, (value) =>
      asInteger("seed", value, { min: -1e12, max: 1e12 }),
    ),
    rules: resolveRules("rules", from["rules"] ?? {}),
    maxBufferedBytes: orDefault(from["maxBufferedBytes"], 1_048_576, (value) =>
      asInteger("maxBufferedBytes", value, { min: 1, max: 1e12 }),
    ),
  });
  await proxy.accept();
  return proxy;
}
