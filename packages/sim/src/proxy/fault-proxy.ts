import { asInteger, asText } from "../check.js";
import { group, resolve, type Rules, whole } from "../option-rules.js";
import { VENUE_RULES } from "../venue-options.js";
import { type ProxyDirection, type ProxyRules, resolveRules } from "./proxy-rules.js";
import type { ProxyStats } from "./proxy-tally.js";
import { type ProxySettings, TcpFaultProxy } from "./tcp-fault-proxy.js";

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
  /** Listens again, on the same port. Rejects if another process has taken it. */
  accept(): Promise<void>;
  /** Destroys every connection and stops listening. Never fails; may be called again. */
  close(): Promise<void>;
}

const OPTIONS: Rules<ProxySettings> = {
  target: group<ProxySettings["target"]>({
    host: asText,
    port: (option, value) => asInteger(option, value, { min: 1, max: 65_535 }),
  }),
  host: VENUE_RULES.host,
  port: VENUE_RULES.port,
  seed: VENUE_RULES.seed,
  rules: resolveRules,
  maxBufferedBytes: whole(1_048_576, 1, 1e12),
};

/** Starts a proxy. Resolves once it listens; rejects with Node's error if it cannot. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new TcpFaultProxy(resolve("options", options, OPTIONS));
  await proxy.accept();
  return proxy;
}
