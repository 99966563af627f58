import type { Random, ReconnectingConnection, Timer, WsError } from "@oath-ws/contract";
import { isWsError } from "@oath-ws/contract";
import { CommandPauses } from "./command-pauses.js";
import type { Command, SubscriptionRegistry } from "./subscription-registry.js";

/** What a {@link CommandPump} works on. */
export interface CommandPumpOptions {
  readonly registry: SubscriptionRegistry;
  readonly connection: ReconnectingConnection;
  readonly encode: (command: Command) => string | undefined;
  readonly isAnswered: (command: Command) => boolean;
  /** How long a refusal of a command without an answer may take, in milliseconds. */
  readonly quietMs: (command: Command) => number;
  /** A command that needs no words, or has no answer to wait for, is carried out. */
  readonly onImplied: (id: number) => void;
  readonly timer: Timer;
  readonly random: Random;
  /** How long a command may stay unanswered before it is sent again, in milliseconds. */
  readonly answerTimeoutMs: number;
  /** Commands in a row without an answer after which the connection is given up. */
  readonly maxUnanswered: number;
}

/**
 * Sends what the registry wants said, in one epoch at a time, and does not wait for ever for an
 * answer.
 */
export class CommandPump {
  readonly #options: CommandPumpOptions;
  readonly #deadlines = new Map<number, () => void>();
  #epoch = 0;
  #unanswered = 0;
  readonly #pauses: CommandPauses;
  #admits: (topic: string) => boolean = () => true;

  constructor(options: CommandPumpOptions) {
    this.#options = options;
    this.#pauses = new CommandPauses({
      timer: options.timer,
      random: options.random,
      onOver: () => this.pump(),
    });
  }

  /** The connection is up in `epoch`: everything starts anew, with these topics. */
  beginEpoch(epoch: number, admits: (topic: string) => boolean): void {
    this.#clear();
    this.#epoch = epoch;
    this.#unanswered = 0;
    this.#options.registry.beginEpoch();
    this.#pauses.arm();
    this.admit(admits);
  }

  /** From now on these topics may be asked for. */
  admit(admits: (topic: string) => boolean): void {
    this.#admits = admits;
    this.pump();
  }

  /**
   * The venue has nothing any more of the topics that `admits` leaves out; they wait until they are
   * admitted again.
   */
  drop(admits: (topic: string) => boolean): void {
    for (const id of this.#options.registry.drop((topic) => !admits(topic))) this.#forget(id);
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

  #send(command: Command): void {
    const { connection, encode, isAnswered, onImplied, timer, answerTimeoutMs } = this.#options;
    const epoch = this.#epoch;
    const text = encode(command);
    if (text === undefined) {
      onImplied(command.id);
      return;
    }
    connection.sink.send(text, { epoch }).then(
      () => {
        // The time counts from when it left: the rate limit may have held it back. The answer can
        // be here already.
        if (epoch !== this.#epoch || !this.#options.registry.isInFlight(command.id)) return;
        if (!isAnswered(command)) {
          this.#imply(command);
          return;
        }
        const cancel = timer.schedule(answerTimeoutMs, () => this.#expired(command));
        this.#deadlines.set(command.id, cancel);
      },
      (error: unknown) => {
        if (epoch !== this.#epoch || !this.#options.registry.isInFlight(command.id)) return;
        // The epoch is over, which the lifecycle is about to say; or our own queue is full, which
        // passes.
        const full = isWsError(error) && error.code === "SEND_QUEUE_FULL";
        if (full)
          this.#deadlines.set(
            command.id,
            timer.schedule(answerTimeoutMs, () => this.#expired(command)),
          );
      },
    );
  }

  /** It counts as carried out when no refusal has come for as long as one may take. */
  #imply(command: Command): void {
    const { quietMs, onImplied, timer } = this.#options;
    const implied = (): void => {
      this.#deadlines.delete(command.id);
      onImplied(command.id);
      this.pump();
    };
    const waitMs = quietMs(command);
    if (waitMs > 0) this.#deadlines.set(command.id, timer.schedule(waitMs, implied));
    else implied();
  }

  #expired(command: Command): void {
    this.#deadlines.delete(command.id);
    this.#options.registry.giveUp(command.id);
    this.#unanswered++;
    if (this.#unanswered >= this.#options.maxUnanswered) {
      this.#unanswered = 0;
      this.#options.connection.trigger.forceReconnect("subscription commands stay unanswered");
    } else {
      this.pump();
    }
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
