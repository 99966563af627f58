import type { CancelSignal, ReconnectingConnection } from "@oath-ws/contract";
import { assemble } from "./build.js";
import type { BuildOptions } from "./build.js";
import { BUILD_KEYS, unknownOptionIssues } from "./options/build-parts.js";

/** Options of {@link open}; every field is optional. */
export interface OpenOptions extends BuildOptions {
  /**
   * How traces, errors and statistics name the connection, 1 to 128 characters without control
   * characters. Must hold no secret. Default: the URL's host and port. Further connections of the
   * same name in this process get `#2`, `#3` and so on behind it.
   */
  readonly name?: string | undefined;
  /** Subprotocols to offer, best first. Default none. */
  readonly protocols?: readonly string[] | undefined;
  /**
   * Additional request headers. For values that expire use `auth`, which is asked on every attempt.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Cancels the wait for the first connection; `open` then rejects with the signal's reason. No
   * effect afterwards.
   */
  readonly signal?: CancelSignal | undefined;
  /**
   * `false`: resolve at once, in phase `connecting`. Default `true`: resolve when the first
   * connection is up.
   */
  readonly awaitFirst?: boolean | undefined;
}

const NO_PROTOCOLS: readonly string[] = [];
const NO_HEADERS: Readonly<Record<string, string>> = {};

const KEYS: Readonly<Record<keyof OpenOptions, true>> = {
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
 * Rejects with a `ConfigError` (everything that is wrong with the options, unknown ones included),
 * with `URL_INVALID` before anything is dialled, with the cause of a permanent failure, or with the
 * signal's reason.
 */
export async function open(url: string, options?: OpenOptions): Promise<ReconnectingConnection> {
  const connector = assemble(options, unknownOptionIssues(options, KEYS));
  const handshake = {
    url,
    protocols: options?.protocols ?? NO_PROTOCOLS,
    headers: options?.headers ?? NO_HEADERS,
  };
  const { name, signal, awaitFirst } = options ?? {};
  return connector.connect(handshake, { name, signal, awaitFirst });
}
