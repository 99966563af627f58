import { connect } from "node:tls";
import type { DetailedPeerCertificate } from "node:tls";
import { errorLine } from "../error-line.js";

/** One certificate of a chain. */
export interface ChainLink {
  readonly subject: string;
  readonly issuer: string;
  /** What it is for: `DNS:example.com, IP Address:127.0.0.1`; empty for most authorities. */
  readonly names: string;
  /** ISO times. */
  readonly validFrom: string;
  readonly validTo: string;
  /** SHA-256 of the certificate, in hexadecimal with colons. */
  readonly fingerprint: string;
}

/** What a server shows of its TLS. */
export interface TlsFacts {
  /** `TLSv1.3`; `null` when nothing was agreed on. */
  readonly version: string | null;
  readonly cipher: string | null;
  /** Why the certificate is not trusted for this host; `null` when it is. */
  readonly refusal: string | null;
  /** The server's certificate first. */
  readonly chain: readonly ChainLink[];
}

/**
 * Looks at a server's certificates over a connection of its own, which is closed at once. Shows
 * certificates that are refused, too: nothing is sent over it. Never rejects.
 *
 * @param ca certificates in PEM that are trusted instead of the platform's
 */
export function tlsFacts(url: URL, ca: string | undefined, signal: AbortSignal): Promise<TlsFacts> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isAddress = /^[\d.]+$|:/.test(host);
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: url.port === "" ? 443 : Number(url.port),
      ...(isAddress ? {} : { servername: host }),
      ...(ca === undefined ? {} : { ca }),
      ALPNProtocols: ["http/1.1"],
      minVersion: "TLSv1.2",
      rejectUnauthorized: false,
    });
    const end = (facts: TlsFacts): void => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(facts);
    };
    const nothing = { version: null, cipher: null, chain: [] };
    const onAbort = (): void => end({ ...nothing, refusal: "the TLS handshake took too long" });
    signal.addEventListener("abort", onAbort);
    // Stays for what destroying the socket may still emit.
    socket.on("error", (error) => end({ ...nothing, refusal: errorLine(error) }));
    socket.once("secureConnect", () => {
      const { authorized, authorizationError } = socket;
      end({
        version: socket.getProtocol(),
        cipher: socket.getCipher().standardName,
        refusal: authorized ? null : reasonOf(authorizationError),
        chain: chainOf(socket.getPeerCertificate(true)),
      });
    });
  });
}

/** Node gives an error's code for a chain, and an `Error` for a wrong host. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? errorLine(error) : String(error);
}

function chainOf(first: DetailedPeerCertificate): readonly ChainLink[] {
  const chain: ChainLink[] = [];
  let certificate: DetailedPeerCertificate | undefined = first;
  // The last one names itself as its issuer.
  while (certificate?.fingerprint256 !== undefined) {
    const { fingerprint256: fingerprint, subject, issuer, subjectaltname = "" } = certificate;
    if (chain.some((link) => link.fingerprint === fingerprint)) break;
    chain.push({
      subject: nameOf(subject),
      issuer: nameOf(issuer),
      names: subjectaltname,
      validFrom: new Date(certificate.valid_from).toISOString(),
      validTo: new Date(certificate.valid_to).toISOString(),
      fingerprint,
    });
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

type Names = string | readonly string[] | undefined;

function nameOf({ CN, O }: { readonly CN?: Names; readonly O?: Names }): string {
  const names = CN ?? O ?? "(no name)";
  return typeof names === "string" ? names : names.join(", ");
}
