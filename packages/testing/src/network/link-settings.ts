/**
 * How packets travel between two hosts. Times in milliseconds, sizes in bytes. A plan may change
 * every one at any moment: what is sent later obeys it.
 */
export interface LinkSettings {
  /** One way. Default 5. */
  readonly latencyMs: number;
  /** Up to this much more, drawn for each packet; packets of one direction keep their order. */
  readonly jitterMs: number;
  /** The most that arrives at once; a larger write comes in pieces. Default 65 536. */
  readonly segmentBytes: number;
  /**
   * The chance that a read brings a part of what has arrived, cut at a drawn place; the rest comes
   * with the next read. Default 0.
   */
  readonly partialReads: number;
  /** As much as the sender's system holds of what was not sent. Default 65 536. */
  readonly sendBufferBytes: number;
  /** As much as the receiver's system holds of what was not read: the window. Default 65 536. */
  readonly receiveBufferBytes: number;
  /** How long a name takes. Default 1. */
  readonly dnsMs: number;
  /** What becomes of a name: `ENOTFOUND`, `EAI_AGAIN`, or silence. Default `"ok"`. */
  readonly dns: "ok" | "not-found" | "again" | "hang";
  /**
   * What becomes of a dial: `ECONNREFUSED`, `ECONNRESET`, `EHOSTUNREACH`, or silence until
   * `connectTimeoutMs`. Default `"ok"`.
   */
  readonly connect: "ok" | "refuse" | "reset" | "unreachable" | "hang";
  /**
   * `"ok"`, or the code of the error that a dial with TLS ends with, as `CERT_HAS_EXPIRED`. Default
   * `"ok"`.
   */
  readonly tls: string;
  /** How long the system tries to connect until `ETIMEDOUT`. Default 127 000, as Linux. */
  readonly connectTimeoutMs: number;
  /** How long bytes are sent again until `ETIMEDOUT`. Default 924 600, as Linux. */
  readonly retransmitTimeoutMs: number;
}

/** A fast network without faults. */
export const DEFAULT_LINK_SETTINGS: LinkSettings = Object.freeze<LinkSettings>({
  latencyMs: 5,
  jitterMs: 0,
  segmentBytes: 65_536,
  partialReads: 0,
  sendBufferBytes: 65_536,
  receiveBufferBytes: 65_536,
  dnsMs: 1,
  dns: "ok",
  connect: "ok",
  tls: "ok",
  connectTimeoutMs: 127_000,
  retransmitTimeoutMs: 924_600,
});

const AT_LEAST: Readonly<Partial<Record<keyof LinkSettings, number>>> = {
  latencyMs: 0,
  jitterMs: 0,
  segmentBytes: 1,
  partialReads: 0,
  sendBufferBytes: 1,
  receiveBufferBytes: 1,
  dnsMs: 0,
  connectTimeoutMs: 0,
  retransmitTimeoutMs: 0,
};

/** Throws a `RangeError` that names the first setting that cannot be. */
export function checkLinkSettings(settings: Partial<LinkSettings>): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!(name in DEFAULT_LINK_SETTINGS)) throw new RangeError(`a link has no setting ${name}`);
    const least = AT_LEAST[name as keyof LinkSettings];
    if (least === undefined) continue;
    if (typeof value !== "number" || !Number.isFinite(value) || value < least) {
      throw new RangeError(`${name} must be a finite number of at least ${least}`);
    }
  }
}
