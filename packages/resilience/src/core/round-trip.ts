/** Round trips whose spread counts. */
const SAMPLES = 16;
/** Pings that may be unanswered and still be matched: older ones are forgotten. */
const OUTSTANDING = 8;
/** The least slack, and the one while no round trip is known, in milliseconds. */
export const MIN_SLACK_MS = 100;

const PAYLOAD_BYTES = 6;
/** Marks our pings, so that a pong to a caller's own ping is not taken for an answer. */
const MARK = [0x6f, 0x77] as const;

/**
 * Measures round trips by pings of ours. Each has a payload of its own, so that a pong is matched
 * to its ping; unsolicited pongs and answers to other pings measure nothing.
 *
 * Sans-IO; one instance serves a connection's successive sockets.
 */
export class RoundTrip {
  /** When each ping went out, and not a number once it was answered; made with the first ping. */
  #sentAt: Float64Array | undefined = undefined;
  /** Made with the first pong. */
  #samples: Float64Array | undefined = undefined;
  #lastId = 0;
  #count = 0;
  #lastMs: number | undefined;
  #lastSentAt: number | undefined;

  /** The round trip of the last answered ping, in milliseconds; `undefined` before the first. */
  get lastMs(): number | undefined {
    return this.#lastMs;
  }

  /** When the last ping went out on this socket. */
  get lastSentAt(): number | undefined {
    return this.#lastSentAt;
  }

  /** Largest minus smallest of the last 16 round trips, in milliseconds; 0 while none is known. */
  get spreadMs(): number {
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    const known = Math.min(this.#count, SAMPLES);
    for (let i = 0; i < known; i++) {
      const sample = this.#samples?.[i] ?? 0;
      if (sample < least) least = sample;
      if (sample > most) most = sample;
    }
    return known === 0 ? 0 : most - least;
  }

  /**
   * By how much a send limit of `windowMs` should be widened: frames that left evenly can arrive
   * bunched by as much as the round trips differ.
   */
  slackMs(windowMs: number): number {
    return Math.min(windowMs, Math.max(MIN_SLACK_MS, 2 * this.spreadMs));
  }

  /** A new socket: pings of the former one will not be answered. The samples are kept. */
  open(): void {
    this.#sentAt?.fill(Number.NaN);
    this.#lastSentAt = undefined;
  }

  /** A ping goes out at `now`. Returns the payload to send. */
  ping(now: number): Uint8Array {
    const id = (this.#lastId = (this.#lastId + 1) >>> 0);
    this.#sentAt ??= new Float64Array(OUTSTANDING).fill(Number.NaN);
    this.#sentAt[id % OUTSTANDING] = now;
    this.#lastSentAt = now;
    return Uint8Array.of(MARK[0], MARK[1], id >>> 24, id >>> 16, id >>> 8, id);
  }

  /** A pong came at `now`. Returns whether it answers a ping of ours, for the first time. */
  pong(payload: Uint8Array, now: number): boolean {
    const id = idOf(payload);
    if (id === undefined || this.#sentAt === undefined) return false;
    if ((this.#lastId - id) >>> 0 >= OUTSTANDING) return false;
    const slot = id % OUTSTANDING;
    const sentAt = this.#sentAt[slot] as number;
    if (Number.isNaN(sentAt)) return false;
    this.#sentAt[slot] = Number.NaN;
    this.#lastMs = Math.max(0, now - sentAt);
    this.#samples ??= new Float64Array(SAMPLES);
    this.#samples[this.#count % SAMPLES] = this.#lastMs;
    this.#count++;
    return true;
  }
}

function idOf(payload: Uint8Array): number | undefined {
  if (payload.length !== PAYLOAD_BYTES || payload[0] !== MARK[0] || payload[1] !== MARK[1])
    return undefined;
  let id = 0;
  for (let i = 2; i < PAYLOAD_BYTES; i++) id = id * 256 + (payload[i] as number);
  return id;
}
