import type { Random, Timer } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { cancelController, scheduleDeadline } from "@oath-ws/resilience";
import { CommandPauses } from "./command-pauses.js";
import type { Grammar, Words } from "./grammar.js";
import { isSignFault } from "./message-sender.js";
import type { MessageSender } from "./message-sender.js";
import { RetryPause } from "./retry-pause.js";
import type { PauseShape } from "./retry-pause.js";
import type { Command, SubscriptionRegistry } from "./subscription-registry.js";

/** How long a link waits for its commands. */
export interface CommandTimes {
  /**
   * How long a command may stay unanswered before it is sent again, in milliseconds. Counts from
   * when it was handed to the socket.
   */
  readonly answerTimeoutMs: number;
  /** Commands in a row without an answer after which the connection is given up. */
  readonly maxUnanswered: number;
  /**
   * How long a command may wait for our own rate limit and for the socket, in milliseconds. One
   * that our limit holds back is withdrawn then and asked for again; one that the socket does not
   * take ends the connection. Default 60 000.
   */
  readonly handOverTimeoutMs?: number | undefined;
}

/** What a {@link CommandPump} works on. */
export interface CommandPumpOptions {
  readonly registry: SubscriptionRegistry;
  readonly sender: MessageSender;
  readonly timer: Timer;
  /** Also counts the time in which the machine sleeps. */
  readonly elapsed: Timer;
  readonly random: Random;
  readonly times: CommandTimes;
}

/** What is told of the commands that a {@link CommandPump} sends. */
export interface CommandPumpOwner {
  /** A command that needs no words, or has no answer to wait for, is carried out. */
  implied(id: number): void;
  /** What these topics asked for was not done, for this reason, and is asked for again. */
  putOff(topics: readonly string[], error: WsError): void;
  /** The connection is of no use. */
  reconnect(reason: string): void;
  /** The grammar has no words for a command, or it could not be signed. */
  fault(error: WsError): void;
}

const HAND_OVER_MS = 60_000;

/** How long a send that was withdrawn may take to settle, in milliseconds. */
const WITHDRAWAL_MS = 1_000;

/**
 * The pauses between connections that are given up for unanswered commands: another connection is
 * no cure for a venue that answers none, and costs everything else that it carries.
 */
const REMAKE_PAUSE: PauseShape = { minMs: 10_000, maxMs: 600_000 };

/**
 * Sends what the registry wants said, in one epoch at a time.
 *
 * How this works: each command goes through three waits, and each is bounded. The grammar finds the
 * words at once, or the command is split until the topic that it has no words for is alone; that
 * one waits for a growing pause. The socket takes the text within `handOverTimeoutMs`. The venue
 * answers within `answerTimeoutMs` after that, or the command is sent again; several in a row
 * without an answer end the connection.
 */
export class CommandPump {
  readonly #options: CommandPumpOptions;
  readonly #owner: CommandPumpOwner;
  readonly #deadlines = new Map<number, () => void>();
  readonly #pauses: CommandPauses;
  readonly #remake: RetryPause;
  #epoch = 0;
  #grammar: Grammar | undefined;
  #unanswered = 0;
  #admits: (topic: string) => boolean = () => true;

  constructor(options: CommandPumpOptions, owner: CommandPumpOwner) {
    this.#options = options;
    this.#owner = owner;
    const { timer, random } = options;
    this.#remake = new RetryPause(timer, random, REMAKE_PAUSE);
    this.#pauses = new CommandPauses({
      timer,
      random,
      onOver: () => {
        this.#readmit();
      },
    });
  }

  /** The connection is up in `epoch`: everything starts again, with these topics. */
  beginEpoch(epoch: number, grammar: Grammar, admits: (topic: string) => boolean): void {
    this.#clear();
    this.#epoch = epoch;
    this.#grammar = grammar;
    this.#unanswered = 0;
    this.#options.registry.beginEpoch();
    this.#pauses.arm();
    this.admit(admits);
  }

  /** From now on these topics may be asked for. */
  admit(admits: (topic: string) => boolean): void {
    this.#admits = admits;
    this.#readmit();
  }

  /**
   * The venue has nothing any more of the topics that `admits` leaves out; they wait until they are
   * admitted again.
   */
  drop(admits: (topic: string) => boolean): void {
    for (const id of this.#options.registry.drop((topic) => !admits(topic))) {
      this.#forget(id);
      this.#grammar?.unanswered?.(id);
    }
    this.admit(admits);
  }

  /**
   * There may be something to say, or room to say it. Does nothing while the connection is down.
   */
  pump(): void {
    if (this.#epoch === 0 || this.#pauses.isTooFast) return;
    const admits = (topic: string): boolean => this.#admits(topic) && this.#pauses.admits(topic);
    const next = (): Command | undefined => this.#options.registry.next(admits);
    for (let command = next(); command !== undefined; command = next()) this.#send(command);
  }

  /** An answer came. */
  answered(id: number): void {
    this.#unanswered = 0;
    this.#remake.reset();
    this.#forget(id);
  }

  /** The venue has carried out a command about these topics: their pauses begin small again. */
  confirmed(topics: readonly string[]): void {
    this.#pauses.confirmed(topics);
  }

  /**
   * The venue refused a command for now: its topics wait. One that is refused again without being
   * too many goes in halves then, because one topic may be to blame. Gives the command.
   */
  putOff(id: number, error: WsError): Command | undefined {
    const { registry } = this.#options;
    const again = registry.topicsOf(id).some((topic) => this.#pauses.wasRefused(topic));
    const command = registry.putOff(id, again && error.kind !== "throttled");
    if (command !== undefined) this.#pauses.refused(command.topics, error.retryAfterMs);
    this.answered(id);
    return command;
  }

  /**
   * The venue refused a topic for now that no command names: it has nothing of it, and the topic
   * waits.
   */
  putOffTopic(topic: string, error: WsError): void {
    for (const id of this.#options.registry.withdraw(topic)) this.answered(id);
    this.#pauses.refused([topic], error.retryAfterMs);
  }

  /** Commands came too fast: all wait. Gives the command that was refused for it. */
  later(id: number, error: WsError): Command | undefined {
    this.#pauses.tooFast(error.retryAfterMs);
    this.answered(id);
    return this.#options.registry.putOff(id, false);
  }

  /** Nothing is sent, and no timer runs, until the next epoch. */
  stop(): void {
    this.#clear();
    this.#pauses.stop();
    this.#epoch = 0;
  }

  /** Topics may be asked for now that had to wait before. */
  #readmit(): void {
    this.#options.registry.readmit();
    this.pump();
  }

  #send(command: Command): void {
    const grammar = this.#grammar;
    let words: Words | undefined;
    let waits: boolean;
    try {
      words = grammar?.encode(command);
      waits = words !== undefined && (grammar?.isAnswered?.(command) ?? true);
    } catch (cause) {
      this.#speechless(command, cause);
      return;
    }
    if (words === undefined || words.length === 0) this.#owner.implied(command.id);
    else this.#handOver(command, words, waits);
  }

  #handOver(command: Command, words: Words, waits: boolean): void {
    const { sender, registry, times } = this.#options;
    const epoch = this.#epoch;
    const withdrawal = cancelController();
    const isOver = (): boolean => epoch !== this.#epoch || !registry.isInFlight(command.id);
    this.#await(command.id, times.handOverTimeoutMs ?? HAND_OVER_MS, () => {
      const error = unanswered("COMMAND_STALLED", "a command could not be handed to the socket");
      withdrawal.abort(error);
      this.#await(command.id, WITHDRAWAL_MS, () => this.#stalled(command, error));
    });
    sender.send(words, { epoch, command }, withdrawal.signal).then(
      () => {
        // The answer can be here already.
        if (isOver()) return;
        if (waits) {
          this.#await(command.id, times.answerTimeoutMs, () => this.#expired(command));
          return;
        }
        this.#imply(command);
      },
      (error: unknown) => {
        if (isOver()) return;
        const { aborted, reason } = withdrawal.signal;
        if (isSignFault(error)) this.#unsigned(command, error);
        else if (error === reason) this.#withdrawn(command, error as WsError);
        // The socket had the command and did not let go of it: the send's fate is not known.
        else if (aborted) this.#stalled(command, reason as WsError);
        // The epoch is over, which the lifecycle is about to say; or our own queue is full, which
        // passes.
        else this.#await(command.id, times.answerTimeoutMs, () => this.#expired(command));
      },
    );
  }

  /** It counts as carried out when no refusal has come for as long as one may take. */
  #imply(command: Command): void {
    const implied = (): void => {
      this.#forget(command.id);
      this.#owner.implied(command.id);
      this.pump();
    };
    const waitMs = this.#grammar?.quietMs?.(command) ?? 0;
    if (waitMs > 0) this.#await(command.id, waitMs, implied);
    else implied();
  }

  /** The grammar has no words: the topic to blame waits, the others do not. */
  #speechless(command: Command, cause: unknown): void {
    const { registry } = this.#options;
    const message = `the grammar failed to encode a command about ${command.topics.length} topics`;
    const error = new WsError({ kind: "client", code: "ENCODE_FAULT", message, cause });
    registry.putOff(command.id, true);
    // With several topics it is tried again at once, in halves.
    if (command.topics.length === 1) {
      this.#pauses.refused(command.topics, undefined);
      if (command.kind === "subscribe") this.#owner.putOff(command.topics, error);
    }
    this.#owner.fault(error);
  }

  /** The key is no good, or its holder does not answer: no command can leave, and all wait. */
  #unsigned(command: Command, error: WsError): void {
    this.#pauses.tooFast(undefined);
    this.#forget(command.id);
    const left = this.#options.registry.putOff(command.id, false);
    // The venue may have some of its messages.
    this.#grammar?.unanswered?.(command.id);
    if (left?.kind === "subscribe") this.#owner.putOff(left.topics, error);
    this.#owner.fault(error);
  }

  /** Our own rate limit held it back for too long; nothing is wrong with the connection. */
  #withdrawn(command: Command, error: WsError): void {
    this.#giveUp(command, error);
    this.pump();
  }

  /** The socket takes nothing: whatever is sent on this connection does not arrive. */
  #stalled(command: Command, error: WsError): void {
    this.#giveUp(command, error);
    if (!this.#reconnect("the socket does not take commands")) this.pump();
  }

  #expired(command: Command): void {
    const { answerTimeoutMs, maxUnanswered } = this.#options.times;
    const message = `the venue did not answer a command within ${answerTimeoutMs} ms`;
    this.#giveUp(command, unanswered("COMMAND_UNANSWERED", message));
    this.#unanswered++;
    const isGivenUp =
      this.#unanswered >= maxUnanswered && this.#reconnect("subscription commands stay unanswered");
    if (!isGivenUp) this.pump();
  }

  #giveUp(command: Command, error: WsError): void {
    this.#forget(command.id);
    const left = this.#options.registry.giveUp(command.id);
    this.#grammar?.unanswered?.(command.id);
    if (left?.kind === "subscribe") this.#owner.putOff(left.topics, error);
  }

  /** Gives the connection up, unless that was done a short time ago. */
  #reconnect(reason: string): boolean {
    if (this.#remake.leftMs > 0) return false;
    this.#unanswered = 0;
    this.#remake.fail();
    this.#owner.reconnect(reason);
    return true;
  }

  /** The command's one timer. */
  #await(id: number, ms: number, then: () => void): void {
    this.#forget(id);
    this.#deadlines.set(id, scheduleDeadline(this.#options.elapsed, ms, then));
  }

  #forget(id: number): void {
    this.#deadlines.get(id)?.();
    this.#deadlines.delete(id);
  }

  #clear(): void {
    for (const cancel of this.#deadlines.values()) cancel();
    this.#deadlines.clear();
  }
}

function unanswered(code: string, message: string): WsError {
  return new WsError({ kind: "timeout", code, message });
}
