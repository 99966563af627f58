import { X509Certificate } from "node:crypto";
import { Agent } from "node:https";
import type { ClientRequest } from "node:http";
import type { RequestOptions } from "node:https";
import { isIP } from "node:net";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect } from "node:tls";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import { scheduleDeadline } from "@oath-ws/resilience";
import { setVerifying } from "../leaf/verifying-agents.js";
import { askTunnel } from "../proxy/ask-tunnel.js";
import type { ProxySource } from "../proxy/resolve-proxy.js";
import { nodeTimer } from "../runtime/node-runtime.js";

type Created = (error: Error | null, stream: Duplex) => void;

/** Node takes an error alone too, which its types do not show. */
type Done = (error: Error | null, stream?: Duplex) => void;

/**
 * Until its handshake is over Node does not know the socket, and a request given up leaves it open.
 */
const HANDSHAKE_TIMEOUT_MS = 30_000;

/**
 * An agent that speaks only to a server with one certain certificate. Who issued it does not
 * matter, and what names it bears neither: the peer has shown in the handshake that it holds the
 * key of this certificate, and that it is this one is looked at before a byte of a request is
 * written. Through a proxy it is looked at in the same way.
 */
export class PinnedAgent extends Agent {
  readonly #fingerprint: string;
  readonly #proxyFor: ProxySource | undefined;

  /**
   * @param fingerprint256 SHA-256 of the certificate, in hexadecimal; colons and case do not matter
   * @param proxyFor asked for each connection; absent: there is no proxy
   */
  constructor(fingerprint256: string, proxyFor?: ProxySource) {
    super({ minVersion: "TLSv1.2", keepAlive: false });
    this.#fingerprint = normalised(fingerprint256);
    this.#proxyFor = proxyFor;
    setVerifying(this);
  }

  /** Node takes a socket from the callback when none is returned, and writes nothing before. */
  override createConnection(options: RequestOptions, callback?: Created): undefined {
    const done = callback as Done | undefined;
    let asking: ClientRequest | undefined;
    let socket: TLSSocket | undefined;
    let isSettled = false;
    const settle = (error: Error | null): void => {
      if (isSettled) return;
      isSettled = true;
      cancelDeadline();
      socket?.off("secureConnect", check).off("error", settle).off("close", closed);
      if (error !== null) {
        asking?.destroy();
        // Being destroyed makes it emit more.
        socket?.on("error", () => undefined).destroy();
      }
      done?.(error, socket);
    };
    const closed = (): void =>
      settle(coded("ECONNRESET", "the connection ended in the TLS handshake"));
    const check = (): void => {
      const isPinned = socket !== undefined && fingerprintOf(socket) === this.#fingerprint;
      const message = "the server's certificate is not the one that is pinned";
      settle(isPinned ? null : coded("CERT_FINGERPRINT_MISMATCH", message));
    };
    const secure = (over?: Socket): void => {
      socket = connect(pinnedOptions(options, over));
      socket.once("secureConnect", check).on("error", settle).once("close", closed);
    };
    const cancelDeadline = scheduleDeadline(nodeTimer, HANDSHAKE_TIMEOUT_MS, () =>
      settle(coded("ETIMEDOUT", "the TLS handshake took too long")),
    );
    try {
      const proxy = this.#proxyFor?.(targetOf(options));
      if (proxy === undefined) secure();
      else {
        asking = askTunnel(proxy, options, undefined, (error, tunnel) => {
          if (tunnel === undefined) settle(error ?? coded("ECONNRESET", "there is no tunnel"));
          else if (isSettled) tunnel.destroy();
          else secure(tunnel);
        });
      }
    } catch (error) {
      // Not in this call: Node is not ready for it.
      process.nextTick(settle, error);
    }
    return undefined;
  }
}

/** Where the request goes, for {@link ProxySource}. */
function targetOf({ host, port }: RequestOptions): URL {
  const name = host ?? "";
  return new URL(`https://${isIP(name) === 6 ? `[${name}]` : name}:${port ?? 443}/`);
}

function pinnedOptions(options: RequestOptions, over: Socket | undefined): ConnectionOptions {
  const { host, servername = isIP(host ?? "") === 0 ? (host ?? "") : "" } = options;
  return {
    ...(options as ConnectionOptions),
    ...(over === undefined ? {} : { path: undefined, socket: over }),
    servername,
    // Node could only judge the issuer here; the certificate itself is judged afterwards. A resumed
    // session shows none.
    rejectUnauthorized: false,
    session: undefined,
  };
}

/** Whether this can be a SHA-256 fingerprint. */
export function isFingerprint(text: unknown): text is string {
  return typeof text === "string" && /^[0-9A-F]{64}$/.test(normalised(text));
}

function normalised(fingerprint: string): string {
  return fingerprint.replaceAll(":", "").toUpperCase();
}

/** Computed from the certificate's bytes, not read from what Node has made of them. */
function fingerprintOf(socket: TLSSocket): string | undefined {
  const { raw } = socket.getPeerCertificate();
  return raw === undefined ? undefined : normalised(new X509Certificate(raw).fingerprint256);
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
