import { request as httpRequest } from "node:http";
import type { ClientRequest, RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Agent } from "node:https";
import type { Duplex } from "node:stream";
import type { CancelSignal, Timer } from "@oath-ws/contract";
import { scheduleDeadline } from "@oath-ws/resilience";
import { planDial, tunnelAgent } from "../leaf/dialling.js";
import type { ConnectTarget } from "../network/network-dial.js";
import type { ResolvedOptions } from "../options/resolve-options.js";
import type { TunnelAgent } from "../proxy/tunnel-agent.js";
import { nodeTimer } from "../runtime/node-runtime.js";
import { readAnswer } from "./read-answer.js";
import { failed, requestInvalid, timedOut } from "./rest-errors.js";

/** What is asked, beside the address. */
export interface StrictRequest {
  /**
   * Where the request's secrets belong: the configured address, with or without a path. A request
   * to another scheme, host or port is refused before anything is sent.
   */
  readonly baseUrl: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Aborted when the answer is no longer wanted: the call rejects with its reason. */
  readonly signal?: CancelSignal | undefined;
  /** How long everything may take together, in milliseconds. Default 30 000. */
  readonly timeoutMs?: number | undefined;
  /** The longest body that is accepted, in bytes. Default 16 MiB. */
  readonly maxBodyBytes?: number | undefined;
}

/** A whole answer. */
export interface StrictAnswer {
  readonly status: number;
  /** Names in lower case; repeated ones are joined by commas. Without `set-cookie`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The `Set-Cookie` headers, one by one. */
  readonly cookies: readonly string[];
  /** The body as text in UTF-8. */
  readonly body: string;
}

/** See {@link strictFetch}. */
export type StrictFetch = (url: string, request: StrictRequest) => Promise<StrictAnswer>;

/** What {@link strictFetch} takes of the platform. */
export interface FetchSeams {
  readonly timer: Timer;
  /** Makes the sockets, for `https:` too. Default: those of Node. */
  readonly connect?: ((to: ConnectTarget) => Duplex) | undefined;
}

const TIMEOUT_MS = 30_000;
const MAX_BODY_BYTES = 16 * 1_048_576;

/**
 * One HTTP request that goes where it was meant to go, and nowhere else:
 *
 * - only to the origin of `baseUrl`; redirects are not followed
 * - over `https:` with the certificate and the host name verified, whatever the environment says,
 *   and over `http:` only when `baseUrl` says so
 * - within a total time, and with a bound on the body, which is asked for uncompressed and refused
 *   when it comes compressed
 * - on a connection of its own that ends with the answer, so that nothing keeps the process alive
 *
 * Rejects with a `WsError`: `REST_REQUEST_INVALID`, `REST_FAILED`, `REST_TIMEOUT`,
 * `REST_REDIRECTED`, `REST_ENCODED`, `REST_TOO_BIG`; or with the signal's reason. Messages name the
 * method and the origin, and nothing else of what was sent or answered. An error about an answer
 * has its `status` and what its `Retry-After` asked for.
 *
 * Through a proxy it asks for a tunnel, also for `http:`, as WebSocket does; what the proxy does
 * wrong is `REST_FAILED` of kind `proxy`.
 *
 * @param dialling what `tls.connect` is told, and the proxy
 * @param agent makes the sockets for `https:` instead of Node's own, and goes through the proxy by
 *   itself
 * @param seams clocks and sockets in place of Node's
 */
export function strictFetch(
  dialling: Pick<ResolvedOptions, "tlsOptions" | "proxyFor">,
  agent?: Agent,
  seams: FetchSeams = { timer: nodeTimer },
): StrictFetch {
  return async (url, request) => {
    const target = targetOf(url, request.baseUrl);
    const where = `${request.method} ${target.origin}`;
    const { signal, timeoutMs = TIMEOUT_MS, maxBodyBytes = MAX_BODY_BYTES } = request;
    if (signal?.aborted === true) throw signal.reason;
    const { call, tunnel } = send(target, request, where, dialling, agent, seams);
    return new Promise((resolve, reject) => {
      let settled = false;
      const settle = (deliver: () => void): void => {
        if (settled) return;
        settled = true;
        cancelTimeout();
        signal?.removeEventListener("abort", onAbort);
        // Ends the socket as well, also after a whole answer: nothing more is wanted of it.
        call.destroy();
        tunnel?.destroy();
        deliver();
      };
      const fail = (reason: unknown): void => settle(() => reject(reason));
      const onAbort = (): void => fail(signal?.reason);
      const late = (): void => fail(timedOut(where, timeoutMs));
      const cancelTimeout = scheduleDeadline(seams.timer, timeoutMs, late);
      signal?.addEventListener("abort", onAbort);
      // Stays for good: a destroyed request may emit more.
      call.on("error", (error) => fail(failed(where, error)));
      const onClose = (): void => fail(failed(where, undefined));
      call.on("close", onClose);
      call.on("response", (response) => {
        // From here on the answer tells how it ended; an end that closes the socket comes later
        // there.
        call.off("close", onClose);
        const done = (answer: StrictAnswer): void => settle(() => resolve(answer));
        readAnswer(response, { where, target, maxBodyBytes, timer: seams.timer, done, fail });
      });
      call.end(request.body);
    });
  };
}

/** The address of the request, which has to be one of `baseUrl`'s origin. */
function targetOf(url: string, baseUrl: string): URL {
  const target = parse(url);
  const base = parse(baseUrl);
  if (target === undefined || base === undefined)
    throw requestInvalid("the address is not an absolute URL");
  if (base.protocol !== "https:" && base.protocol !== "http:") {
    throw requestInvalid("the configured address must begin with https: or http:");
  }
  if (target.origin !== base.origin) {
    throw requestInvalid(
      `a request for ${target.origin} does not belong to ${base.origin}; it was not sent`,
    );
  }
  return target;
}

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

interface Sent {
  readonly call: ClientRequest;
  readonly tunnel: TunnelAgent | undefined;
}

function send(
  target: URL,
  { method, headers, body }: StrictRequest,
  where: string,
  dialling: Parameters<typeof strictFetch>[0],
  agent: Agent | undefined,
  { connect }: FetchSeams,
): Sent {
  try {
    const common: RequestOptions = { method, headers: headersOf(headers, body) };
    if (target.protocol === "https:" && agent !== undefined) {
      const { tls } = planDial({ ...dialling, proxyFor: undefined }, target);
      return { call: httpsRequest(target, { ...tls, ...common, agent }), tunnel: undefined };
    }
    const plan = planDial(dialling, target);
    const tunnel = tunnelAgent(plan, undefined);
    const { tls } = plan;
    const through =
      connect === undefined
        ? { ...common, agent: tunnel ?? false }
        : { ...common, createConnection: connect, defaultPort: tls === undefined ? 80 : 443 };
    if (tls === undefined) return { call: httpRequest(target, through), tunnel };
    // `rejectUnauthorized` is said explicitly: Node's default obeys NODE_TLS_REJECT_UNAUTHORIZED.
    const call = httpsRequest(target, { ...tls, ...through, rejectUnauthorized: true });
    return { call, tunnel };
  } catch (error) {
    throw requestInvalid(`${where}: the request cannot be sent as it is`, error);
  }
}

/** The caller's headers, and ours, which win: they keep the bounds. */
function headersOf(
  given: Readonly<Record<string, string>>,
  body: string | undefined,
): Record<string, string> {
  const headers: Record<string, string> = { "user-agent": "oath-ws" };
  for (const [name, value] of Object.entries(given)) headers[name.toLowerCase()] = value;
  delete headers["transfer-encoding"];
  delete headers["content-length"];
  headers["accept-encoding"] = "identity";
  headers["connection"] = "close";
  // Without a length Node would send a body in chunks.
  if (body !== undefined) headers["content-length"] = String(Buffer.byteLength(body));
  return headers;
}
