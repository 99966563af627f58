import type { CancelSignal, ReconnectingConnection, Timer } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import { SLEEP_LOOK_MS, waitClock } from "@oath-ws/resilience";
import type { WaitClock } from "@oath-ws/resilience";
import type { Words } from "./grammar.js";
import type { SendLimiter } from "./send-limiter.js";
import type { Command } from "./subscription-registry.js";

/** What is known of a message that is about to be sent. */
export interface SendContext {
  /** The transport's number of the connection on which it leaves. */
  readonly epoch: number;
  /** The command that it is part of; `undefined` for a query, a login or what an adapter says. */
  readonly command: Command | undefined;
}

/**
 * Gives the text that leaves in place of a message: signed, for example. May be asynchronous; it is
 * called for one message after the other, when its turn and its slot of the limiter have come, so
 * that a token is made at that moment. One that throws, or takes longer than `signTimeoutMs`, is a
 * fault: the message does not leave.
 */
export type BeforeSend = (message: string, context: SendContext) => string | Promise<string>;

/** How messages leave. */
export interface SendOptions {
  /** Default: messages leave as they are. */
  readonly beforeSend?: BeforeSend | undefined;
  /** How long `beforeSend` may take, in milliseconds. Default 10 000. */
  readonly signTimeoutMs?: number | undefined;
  /** The limit that these connections share with others. Default: none. */
  readonly limiter?: SendLimiter | undefined;
}

const SIGN_TIMEOUT_MS = 10_000;

/**
 * Sends messages on one link, in order, one after the other.
 *
 * How this works: a message waits for those before it, then for the limiter, then for `beforeSend`.
 * It belongs to one epoch: what still waits when that ends is rejected at once. Without
 * `beforeSend` and without a limiter nothing ever waits, and everything is handed to the transport
 * as it comes.
 */
export class MessageSender {
  readonly #timer: Timer;
  readonly #clock: WaitClock;
  readonly #options: SendOptions;
  #connection: ReconnectingConnection | undefined;
  #epoch = 0;
  #last: Promise<void> = Promise.resolve();
  /** What ends each wait of the epoch. */
  readonly #waits = new Set<() => void>();

  constructor(timer: Timer, options: SendOptions) {
    this.#timer = timer;
    this.#clock = waitClock(timer);
    this.#options = options;
  }

  /** Everything is sent on this connection. */
  attach(connection: ReconnectingConnection): void {
    this.#connection = connection;
  }

  /** A connection begins. */
  begin(epoch: number): void {
    this.stop();
    this.#epoch = epoch;
  }

  /** Nothing is sent until the next one begins. What waits is rejected. */
  stop(): void {
    this.#epoch = 0;
    for (const end of Array.from(this.#waits)) end();
  }

  /**
   * Settles when the last message was handed to the kernel, or the first one failed. Rejects with a
   * `WsError`, `SIGN_FAULT` or `SIGN_TIMEOUT` where that was `beforeSend`'s doing, or with the
   * reason of a signal that was aborted before.
   */
  send(words: Words, context: SendContext, signal?: CancelSignal): Promise<void> {
    const { beforeSend, limiter } = this.#options;
    const messages = typeof words === "string" ? [words] : words;
    if (beforeSend === undefined && limiter === undefined)
      return this.#handOver(messages, context.epoch, signal);
    const sent = this.#last.then(() => this.#sendAll(messages, context, signal));
    this.#last = sent.catch(() => undefined);
    return signal === undefined ? sent : unlessAborted(sent, signal);
  }

  async #handOver(
    messages: readonly string[],
    epoch: number,
    signal: CancelSignal | undefined,
  ): Promise<void> {
    const { sink } = this.#connection ?? {};
    if (sink === undefined) throw epochEnded();
    await Promise.all(messages.map((message) => sink.send(message, { epoch, signal })));
  }

  async #sendAll(
    messages: readonly string[],
    context: SendContext,
    signal: CancelSignal | undefined,
  ): Promise<void> {
    const { beforeSend } = this.#options;
    for (const message of messages) {
      await this.#awaitSlot(context, signal, "leave");
      const text = beforeSend === undefined ? message : await this.#sign(message, context);
      // Another connection may have taken the slot while it was signed.
      await this.#awaitSlot(context, signal, "take");
      try {
        await this.#handOver([text], context.epoch, signal);
      } finally {
        this.#options.limiter?.left(this.#clock.read());
      }
    }
  }

  /** The venue said that a message came too fast, and perhaps for how long it wants no other. */
  refused(statedMs: number | undefined): void {
    this.#options.limiter?.refused?.(this.#clock.read(), statedMs);
  }

  /** The venue has carried something out. */
  accepted(): void {
    this.#options.limiter?.accepted?.();
  }

  /**
   * Waits until the limiter has a slot, and takes it or leaves it to the caller that comes first.
   */
  async #awaitSlot(
    context: SendContext,
    signal: CancelSignal | undefined,
    then: "take" | "leave",
  ): Promise<void> {
    const { limiter } = this.#options;
    for (;;) {
      if (context.epoch !== this.#epoch) throw epochEnded();
      if (signal?.aborted === true) throw signal.reason;
      const now = this.#clock.read();
      const waitMs = limiter?.waitMs(now) ?? 0;
      if (waitMs <= 0) {
        // In the same turn as the question, or two connections would take one slot.
        if (then === "take") limiter?.hold(now);
        return;
      }
      await this.#wait(Math.min(waitMs, SLEEP_LOOK_MS)).over;
    }
  }

  async #sign(message: string, context: SendContext): Promise<string> {
    const { beforeSend, signTimeoutMs = SIGN_TIMEOUT_MS } = this.#options;
    const patience = this.#wait(signTimeoutMs);
    const late = patience.over.then(() => undefined);
    try {
      const signed = (async () => await beforeSend?.(message, context))();
      const text = await Promise.race([signed, late]);
      if (context.epoch !== this.#epoch) throw epochEnded();
      if (text !== undefined) return text;
    } catch (cause) {
      if (context.epoch !== this.#epoch) throw epochEnded();
      const what = "a message could not be signed, and was not sent";
      throw new WsError({ kind: "auth", code: "SIGN_FAULT", message: what, cause });
    } finally {
      patience.end();
    }
    const what = `a message was not signed within ${signTimeoutMs} ms, and was not sent`;
    throw new WsError({ kind: "timeout", code: "SIGN_TIMEOUT", message: what });
  }

  /** Over after so long, or when it is ended before. */
  #wait(ms: number): { readonly over: Promise<void>; readonly end: () => void } {
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      const cancel = this.#timer.schedule(ms, () => end());
      end = () => {
        cancel();
        this.#waits.delete(end);
        resolve();
      };
      this.#waits.add(end);
    });
    return { over, end };
  }
}

const SIGNING: ReadonlySet<string> = new Set(["SIGN_FAULT", "SIGN_TIMEOUT"]);

/** Whether a message did not leave because `beforeSend` failed. */
export function isSignFault(error: unknown): error is WsError {
  return isWsError(error) && SIGNING.has(error.code);
}

function epochEnded(): WsError {
  const message = "the connection of this message has ended";
  return new WsError({ kind: "connection", code: "EPOCH_ENDED", message });
}

/** Settles with the work, or rejects with the signal's reason as soon as that is aborted. */
function unlessAborted(work: Promise<void>, signal: CancelSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
