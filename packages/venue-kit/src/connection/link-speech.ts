import type { CancelSignal } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { answerOf } from "./call-outcome.js";
import type { CallOutcome, CallContext } from "./call-outcome.js";
import { notConnected } from "./epoch-sessions.js";
import type { EpochOwner } from "./epoch-sessions.js";
import type { Words } from "./grammar.js";
import type { LinkOptions } from "./link-options.js";
import { MessageSender } from "./message-sender.js";
import { Queries } from "./queries.js";
import { ResyncPacer } from "./resync-pacer.js";
import type { ResyncRun } from "./resync-pacer.js";
import { RetryPause } from "./retry-pause.js";
import type { SubscriptionRegistry } from "./subscription-registry.js";
import { elapsedTimer } from "../options/elapsed-timer.js";

/** The link of a {@link LinkSpeech}, as that sees it. */
export interface SpeechLink {
  readonly registry: SubscriptionRegistry;
  /** Whether every frame that has arrived was read. */
  readonly isCaughtUp: boolean;
  /** Asks for another connection. */
  reconnect(reason: string): void;
  readonly refresh: ResyncRun;
  /** No answer to this question is waited for any more. */
  unanswered(id: number): void;
  fault(error: unknown): void;
}

/** What is said on one link beside the kit's commands, in one epoch at a time. */
export class LinkSpeech implements EpochOwner {
  readonly sender: MessageSender;
  readonly queries: Queries;
  readonly #options: LinkOptions;
  readonly #link: SpeechLink;
  readonly #resyncs: ResyncPacer;
  readonly #giveUpPause: RetryPause;
  #cancelGiveUp: () => void = () => undefined;
  /** The connection on which something may be said; 0 for none. */
  #epoch = 0;

  constructor(options: LinkOptions, link: SpeechLink) {
    const { timer, random, venue } = options;
    this.#options = options;
    this.#link = link;
    this.sender = new MessageSender(timer, venue);
    const { answerTimeoutMs } = venue.commands;
    this.queries = new Queries(elapsedTimer(timer), answerTimeoutMs, (id) => link.unanswered(id));
    this.#resyncs = new ResyncPacer(timer, random, (...run) => link.refresh(...run));
    this.#giveUpPause = new RetryPause(timer, random);
  }

  /** A connection begins. */
  begin(epoch: number): void {
    this.#epoch = epoch;
    this.sender.begin(epoch);
  }

  /** Nothing is said until the next one begins, and no timer runs. */
  stop(): void {
    this.#epoch = 0;
    this.#cancelGiveUp();
    this.#resyncs.stop();
    this.queries.end(() => this.#link.isCaughtUp);
    this.sender.stop();
  }

  say(messages: Words): void {
    const epoch = this.#epoch;
    this.sender.send(messages, { epoch, command: undefined }).catch((error: unknown) => {
      if (epoch !== this.#epoch) return;
      this.fault(error);
      this.giveUp("something could not be said");
    });
  }

  async query(encode: (id: number) => Words): Promise<unknown> {
    return answerOf(await this.call(encode));
  }

  /** Asks once, and tells what became of it. */
  call(encode: (id: number) => Words, bounds?: CallContext): Promise<CallOutcome<unknown>> {
    const epoch = this.#epoch;
    if (epoch === 0) return Promise.resolve({ kind: "didNotLeave", error: notConnected() });
    const id = this.#link.registry.takeId();
    let words: Words;
    try {
      words = encode(id);
    } catch (cause) {
      const message = "the question could not be encoded";
      const error = new WsError({ kind: "client", code: "ENCODE_FAULT", message, cause });
      return Promise.resolve({ kind: "didNotLeave", error });
    }
    const context = { epoch, command: undefined };
    const { beforeSend, limiter } = this.#options.venue;
    const isDirect = beforeSend === undefined && limiter === undefined;
    const send = async (signal: CancelSignal): Promise<void> => {
      try {
        await this.sender.send(words, context, signal);
      } catch (cause) {
        if (isDirect || cause !== signal.reason) throw cause;
        // What waits its turn is given up at once, and so is what the socket has already.
        const message = "the question was withdrawn, and may have left before";
        throw new WsError({ kind: "connection", code: "SEND_FATE_UNKNOWN", message, cause });
      }
    };
    return this.queries.ask(id, send, bounds);
  }

  giveUp(reason: string): void {
    this.#cancelGiveUp();
    const { leftMs } = this.#giveUpPause;
    if (leftMs > 0) {
      this.#cancelGiveUp = this.#options.timer.schedule(leftMs, () => this.giveUp(reason));
      return;
    }
    this.#giveUpPause.fail();
    this.#link.reconnect(reason);
  }

  resync(topic: string, isDoubted = true): void {
    if (this.#epoch !== 0) this.#resyncs.request(topic, isDoubted);
  }

  fault(error: unknown): void {
    this.#link.fault(error);
  }
}
