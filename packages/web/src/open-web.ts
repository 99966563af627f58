import type { CancelSignal, ConnectRequest, ReconnectingConnection } from "@oath-ws/contract";
import { connectOnce, endpointIssues, unknownOptionIssues } from "@oath-ws/resilience";
import { BUILD_KEYS } from "./build-parts.js";
import { stackOptions } from "./build-web.js";
import type { BuildWebOptions } from "./build-web.js";

/** Options of {@link openWeb}; every field is optional. */
export interface OpenWebOptions extends BuildWebOptions {
  /**
   * How traces, errors and statistics name the connection, 1 to 128 characters without control
   * characters. Must hold no secret. Default: host and port of the (first) URL. Further connections
   * of the same name get `#2`, `#3` and so on behind it.
   */
  readonly name?: string | undefined;
  /** Subprotocols to offer, best first. Default none. */
  readonly protocols?: readonly string[] | undefined;
  /** Additional request headers, for platforms with `headersSupported`. Default none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Cancels the wait for the first connection; `openWeb` then rejects with the signal's reason. No
   * effect afterwards.
   */
  readonly signal?: CancelSignal | undefined;
  /**
   * `false`: resolve at once, in phase `connecting`. Default `true`: resolve when the first
   * connection is up.
   */
  readonly awaitFirst?: boolean | undefined;
}

const KEYS: Readonly<Record<keyof OpenWebOptions, true>> = {
  ...BUILD_KEYS,
  name: true,
  protocols: true,
  headers: true,
  signal: true,
  awaitFirst: true,
};

/**
 * Opens a connection that keeps itself up. Resolves when it is up for the first time; transient
 * failures until then are retried. Read `source`, watch `lifecycle`, and end it with
 * `control.shutdown()` or `await using`.
 *
 * Rejects with a `ConfigError` (everything that is wrong with the options, unknown ones included,
 * or with a list of URLs), with `URL_INVALID` before anything is dialled, with the cause of a
 * permanent failure, or with the signal's reason.
 *
 * @param url one URL, a list of URLs with the preferred one first, or an `EndpointSource`. With
 *   several, a failed attempt moves on to the next one at once, and `config.failover.returnAfterMs`
 *   decides whether the connection returns to the first
 */
export async function openWeb(
  url: ConnectRequest["url"],
  options?: OpenWebOptions,
): Promise<ReconnectingConnection> {
  const stacked = stackOptions(options, [
    ...endpointIssues(url),
    ...unknownOptionIssues(options, KEYS),
  ]);
  const handshake = { url, protocols: options?.protocols ?? [], headers: options?.headers ?? {} };
  const { name, signal, awaitFirst } = options ?? {};
  return connectOnce(stacked, handshake, { name, signal, awaitFirst });
}
