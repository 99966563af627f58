import type { Frame, SendOptions, Timer, WsSink } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { SLEEP_LOOK_MS, waitClock } from "@oath-ws/resilience";
import type { JwtSigner } from "../auth/jwt-signer.js";
import { makeJwt } from "../auth/jwt.js";
import type { MessageBudget } from "./message-budget.js";
import type { VenueRequest } from "./request.js";

/** What a {@link Voice} needs. */
export interface VoiceParts {
  readonly sink: WsSink;
  readonly timer: Timer;
  readonly budget: MessageBudget;
  readonly signer: JwtSigner | undefined;
  /** The epoch of the connection that is up, or was last. */
  readonly epoch: () => number;
  /** A request could not be signed, and was not sent. */
  readonly onSignFault: (error: WsError) => void;
}

/** A signer that takes longer has failed, in milliseconds: everything else waits behind it. */
const SIGN_WITHIN_MS = 10_000;

/**
 * The sending half of a connection to the venue: takes lists of requests, and sends each as a
 * message of its own, in order, within the address's budget, with a token made at that moment: it
 * is good for two minutes only.
 */
export class Voice implements WsSink {
  readonly #parts: VoiceParts;
  #last: Promise<void> = Promise.resolve();
  #stopped = false;
  #wake: () => void = () => undefined;

  constructor(parts: VoiceParts) {
    this.#parts = parts;
  }

  send(frame: Frame | string | Uint8Array, options?: SendOptions): Promise<void> {
    // Nothing else than the lists that the dialect makes comes here.
    const requests =
      typeof frame === "string" ? (JSON.parse(frame) as readonly VenueRequest[]) : [];
    return this.say(requests, options);
  }

  /** Settles when the last request has been handed on, or the first one failed. */
  say(requests: readonly VenueRequest[], options?: SendOptions): Promise<void> {
    const said = this.#last.then(async () => {
      for (const request of requests) await this.#sayOne(request, options);
    });
    this.#last = said.catch(() => undefined);
    return said;
  }

  close(code?: number, reason?: string): Promise<void> {
    this.stop();
    return this.#parts.sink.close(code, reason);
  }

  /** Nothing waits any more, and nothing is sent. */
  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  async #sayOne(request: VenueRequest, options: SendOptions | undefined): Promise<void> {
    const { sink, budget, signer } = this.#parts;
    const clock = waitClock(this.#parts.timer);
    for (
      let waitMs = budget.waitMs(clock.read());
      waitMs > 0 && !this.#stopped;
      waitMs = budget.waitMs(clock.read())
    ) {
      await this.#sleep(Math.min(waitMs, SLEEP_LOOK_MS));
    }
    if (this.#stopped) throw shutDown();
    // What is of an earlier connection costs the next one neither budget nor time.
    if (options?.epoch !== undefined && options.epoch < this.#parts.epoch()) {
      throw new WsError({
        kind: "connection",
        code: "EPOCH_ENDED",
        message: "the connection of this request has ended",
      });
    }
    budget.spend(clock.read());
    const jwt = signer === undefined ? undefined : await this.#sign(signer);
    await sink.send(JSON.stringify(jwt === undefined ? request : { ...request, jwt }), options);
  }

  async #sign(signer: JwtSigner): Promise<string> {
    const { timer, onSignFault } = this.#parts;
    try {
      return await Promise.race([makeJwt(signer, timer.wallNow()), this.#patience()]);
    } catch (cause) {
      if (this.#stopped) throw shutDown();
      const error = new WsError({
        kind: "auth",
        code: "SIGN_FAULT",
        message: "the signer failed",
        cause,
      });
      onSignFault(error);
      throw error;
    } finally {
      this.#wake();
    }
  }

  /** Rejects when the signer takes too long. */
  async #patience(): Promise<never> {
    await this.#sleep(SIGN_WITHIN_MS);
    throw new WsError({
      kind: "timeout",
      code: "SIGN_TIMEOUT",
      message: `no signature within ${SIGN_WITHIN_MS} ms`,
    });
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.timer.schedule(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

function shutDown(): WsError {
  return new WsError({
    kind: "client",
    code: "SHUT_DOWN",
    message: "the connection was shut down",
  });
}
