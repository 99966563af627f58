import { X509Certificate } from "node:crypto";
import { Agent } from "node:https";
import type { RequestOptions } from "node:https";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect } from "node:tls";
import type { ConnectionOptions, TLSSocket } from "node:tls";

type Created = (error: Error | null, stream: Duplex) => void;

/**
 * Until its handshake is over Node does not know the socket, and a request given up leaves it open.
 */
const HANDSHAKE_TIMEOUT_MS = 30_000;

/**
 * An agent that speaks only to a server with one certain certificate. Who issued it does not
 * matter, and what names it bears neither: the peer has shown in the handshake that it holds the
 * key of this certificate, and that it is this one is looked at before a byte of a request is
 * written.
 */
export class PinnedAgent extends Agent {
  readonly #fingerprint: string;

  /**
   * @param fingerprint256 SHA-256 of the certificate, in hexadecimal; colons and case do not matter
   */
  constructor(fingerprint256: string) {
    super({ minVersion: "TLSv1.2", keepAlive: false });
    this.#fingerprint = normalised(fingerprint256);
  }

  /** Node takes a socket from the callback when none is returned, and writes nothing before. */
  override createConnection(
    options: RequestOptions,
    callback?: Created,
  ): Duplex | null | undefined {
    const { host, servername = isIP(host ?? "") === 0 ? (host ?? "") : "" } = options;
    const socket = connect({
      ...(options as ConnectionOptions),
      servername,
      // Node could only judge the issuer here; the certificate itself is judged below. A resumed
      // session shows none.
      rejectUnauthorized: false,
      session: undefined,
    });
    const fail = (error: Error): void => {
      clearTimeout(late);
      socket.off("secureConnect", check).off("error", fail).off("close", closed);
      // Being destroyed makes it emit more.
      socket.on("error", () => undefined).destroy();
      callback?.(error, socket);
    };
    const closed = (): void =>
      fail(coded("ECONNRESET", "the connection ended in the TLS handshake"));
    const late = setTimeout(
      () => fail(coded("ETIMEDOUT", "the TLS handshake took too long")),
      HANDSHAKE_TIMEOUT_MS,
    );
    const check = (): void => {
      if (fingerprintOf(socket) !== this.#fingerprint) {
        fail(
          coded(
            "CERT_FINGERPRINT_MISMATCH",
            "the server's certificate is not the one that is pinned",
          ),
        );
        return;
      }
      clearTimeout(late);
      socket.off("error", fail).off("close", closed);
      callback?.(null, socket);
    };
    socket.once("secureConnect", check).on("error", fail).once("close", closed);
    return undefined;
  }
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
