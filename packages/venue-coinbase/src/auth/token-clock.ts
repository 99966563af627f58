import type { CancelSignal, Timer } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { cancelController } from "@oath-ws/resilience/leaf";
import { VenueClock, withinTime } from "@oath-ws/venue-kit";
import type { RestClient } from "../rest/rest-client.js";

/** How long the question may take: the signature of a message waits for it, 10 s at most. */
const TIMEOUT_MS = 5_000;

/** What a {@link TokenClock} needs. */
export interface TokenClockParts {
  readonly timer: Timer;
  readonly rest: Pick<RestClient, "get">;
  /** Told why the venue's clock could not be asked. */
  readonly onFault: (error: unknown) => void;
}

/**
 * The time that tokens are made with. The venue refuses a token whose time is off by its own clock,
 * and says nothing but "authentication failure", as it does for a bad key. So its clock is asked
 * after every such refusal (C-27), and the next token is made with the answer.
 */
export class TokenClock {
  readonly #parts: TokenClockParts;
  readonly #clock: VenueClock;
  readonly #stop = cancelController();
  #comparing: Promise<void> | undefined;
  #isSure = false;

  constructor(parts: TokenClockParts) {
    this.#parts = parts;
    this.#clock = new VenueClock(parts.timer);
  }

  /**
   * Whether the venue's clock was asked since the last refusal. Only then another refusal is about
   * the key.
   */
  get isSure(): boolean {
    return this.#isSure;
  }

  /** The venue refused a token: its clock is asked before the next one is made. */
  doubt(): void {
    this.#isSure = false;
    this.#comparing ??= this.#compare();
  }

  /** Unix milliseconds of the venue's clock. Waits for a question that is under way. */
  async now(): Promise<number> {
    await this.#comparing;
    return this.#clock.now();
  }

  /** Gives up a question that is under way. */
  stop(): void {
    const message = "the connections were shut down";
    this.#stop.abort(new WsError({ kind: "client", code: "SHUT_DOWN", message }));
  }

  async #compare(): Promise<void> {
    const { timer, rest, onFault } = this.#parts;
    const { signal } = this.#stop;
    try {
      await this.#clock.compare(() =>
        withinTime((ended) => askTime(rest, ended), {
          timer,
          timeoutMs: TIMEOUT_MS,
          signals: [signal],
        }),
      );
      this.#isSure = true;
    } catch (error) {
      if (!signal.aborted) onFault(error);
    } finally {
      this.#comparing = undefined;
    }
  }
}

/** The venue's time in Unix milliseconds (C-27). Rejects like {@link RestClient.get}. */
async function askTime(rest: Pick<RestClient, "get">, signal: CancelSignal): Promise<number> {
  const answer = await rest.get("/api/v3/brokerage/time", signal);
  const given =
    typeof answer === "object" && answer !== null && "epochMillis" in answer
      ? answer.epochMillis
      : undefined;
  const time = typeof given === "string" || typeof given === "number" ? Number(given) : Number.NaN;
  if (Number.isSafeInteger(time) && time > 0) return time;
  const message = "the venue's answer holds no time";
  throw new WsError({ kind: "server", code: "REST_INVALID", message });
}
