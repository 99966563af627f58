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
   * What becomes of a dial: `ECONNREFUSED`, `ECONNRESET`, `EHOSTUNREACH`, or silence. A dial that
   * gets no answer is repeated after 1, 3, 7 s and so on, until `connectTimeoutMs`. Default `"ok"`.
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

/** A day, and 64 MiB: more is a mistake. */
const MAX_MS = 86_400_000;
const MAX_BYTES = 67_108_864;

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

/** The least and the greatest of each number, and the words of each choice. */
const RULES: Readonly<Record<keyof LinkSettings, readonly [number, number] | readonly string[]>> = {
  latencyMs: [0, MAX_MS],
  jitterMs: [0, MAX_MS],
  segmentBytes: [1, MAX_BYTES],
  partialReads: [0, 1],
  sendBufferBytes: [1, MAX_BYTES],
  receiveBufferBytes: [1, MAX_BYTES],
  dnsMs: [0, MAX_MS],
  dns: ["ok", "not-found", "again", "hang"],
  connect: ["ok", "refuse", "reset", "unreachable", "hang"],
  tls: [],
  connectTimeoutMs: [0, MAX_MS],
  retransmitTimeoutMs: [0, MAX_MS],
};

/** Throws a `RangeError` that names the first setting that cannot be. */
export function checkLinkSettings(settings: Partial<LinkSettings>): void {
  for (const [name, value] of Object.entries<unknown>(settings)) {
    if (!Object.hasOwn(RULES, name)) throw new RangeError(`a link has no setting ${name}`);
    const fault = settingFault(RULES[name as keyof LinkSettings], value);
    if (fault !== undefined) throw new RangeError(`${name} must be ${fault}`);
  }
}

function settingFault(
  rule: (typeof RULES)[keyof LinkSettings],
  value: unknown,
): string | undefined {
  const [first, last] = rule;
  if (typeof first === "number" && typeof last === "number") {
    const isNumber = typeof value === "number" && value >= first && value <= last;
    return isNumber ? undefined : `a number from ${first} to ${last}`;
  }
  if (typeof value !== "string" || value === "") return "a text that is not empty";
  const words: readonly unknown[] = rule;
  return words.length === 0 || words.includes(value) ? undefined : `one of ${words.join(", ")}`;
}
