/** A request to the venue about several topics. */
export interface Command {
  /**
   * Never used twice on a connection, in none of its epochs, so that a late answer cannot be taken
   * for another one's.
   */
  readonly id: number;
  readonly kind: "subscribe" | "unsubscribe";
  readonly topics: readonly string[];
  /**
   * Whether this unsubscription is the first half of a resync: the same topics are subscribed again
   * right after it. Absent: no.
   */
  readonly isResync?: true;
}

/** The venue's limits on commands. */
export interface CommandLimits {
  /** Topics in one command. */
  readonly maxTopics: number;
  /** Commands that may be unanswered at once. */
  readonly maxInFlight: number;
}

/**
 * What the venue has of a topic, as far as we know:
 *
 * - `absent`: not subscribed in this epoch
 * - `asked`: a subscribe command is unanswered
 * - `held`: confirmed
 * - `dropping`: an unsubscribe command is unanswered
 * - `unknown`: a command about it got no answer, so it may be held or not
 * - `refused`: the venue said no to this topic alone; not asked again
 */
type Standing = "absent" | "asked" | "held" | "dropping" | "unknown" | "refused";

interface Entry {
  wanted: boolean;
  standing: Standing;
  /** What the venue has is of no use: it is to be given up, and asked for again. */
  again: boolean;
  /** The largest command that this topic may be part of. */
  maxBatch: number;
}

/** What a topic needs. Those with the same one can be part of one command. */
type Wish = Pick<Command, "kind" | "isResync">;

const SUBSCRIBE: Wish = { kind: "subscribe" };
const UNSUBSCRIBE: Wish = { kind: "unsubscribe" };
const RESYNC: Wish = { kind: "unsubscribe", isResync: true };

function wishOf({ wanted, again }: Entry): Wish {
  if (!wanted) return UNSUBSCRIBE;
  return again ? RESYNC : SUBSCRIBE;
}

/**
 * How many due topics are looked at for each that a command may hold: what does not fit into it
 * (another kind, or a smaller command) must not be passed over again and again.
 */
const LOOKS_PER_TOPIC = 8;

/**
 * Wanted subscriptions against confirmed ones, on one connection. Turns the difference into
 * commands; says nothing about sockets or time. A new epoch starts from nothing held, so the same
 * difference restores everything, and a topic that is not wanted any more has nowhere to come back
 * from.
 */
export class SubscriptionRegistry {
  readonly #limits: CommandLimits;
  readonly #entries = new Map<string, Entry>();
  /** Topics whose standing is not what is wanted, in the order in which that arose. */
  readonly #due = new Set<string>();
  /** The same, of topics that were not admitted when it was their turn. */
  readonly #waiting = new Set<string>();
  readonly #inFlight = new Map<number, Command>();
  #lastId = 0;

  constructor(limits: CommandLimits) {
    this.#limits = limits;
  }

  /** Whether everything wanted is confirmed or refused, and nothing else is held. */
  get isSettled(): boolean {
    return this.#due.size === 0 && this.#waiting.size === 0 && this.#inFlight.size === 0;
  }

  /** Topics that count against the venue's limit: wanted, or still held there. */
  get size(): number {
    return this.#entries.size;
  }

  /** The topics that {@link size} counts. */
  get topics(): Iterable<string> {
    return this.#entries.keys();
  }

  /** Whether the topic is confirmed, and not to be asked for again. */
  isHeld(topic: string): boolean {
    const entry = this.#entries.get(topic);
    return entry?.standing === "held" && !entry.again;
  }

  /**
   * Whether an unsubscription is unanswered: what comes until then belongs to the subscription
   * before.
   */
  isDropping(topic: string): boolean {
    return this.#entries.get(topic)?.standing === "dropping";
  }

  /**
   * An id that no command has and none will have: for whatever else is asked on the same
   * connection.
   */
  takeId(): number {
    return ++this.#lastId;
  }

  /** Whether a command is unanswered. */
  isInFlight(id: number): boolean {
    return this.#inFlight.has(id);
  }

  want(topic: string): void {
    const entry = this.#entries.get(topic);
    if (entry === undefined) {
      this.#entries.set(topic, {
        wanted: true,
        standing: "absent",
        again: false,
        maxBatch: this.#limits.maxTopics,
      });
    } else {
      entry.wanted = true;
      if (entry.standing === "refused") entry.standing = "absent";
    }
    this.#review(topic);
  }

  unwant(topic: string): void {
    const entry = this.#entries.get(topic);
    if (entry === undefined) return;
    entry.wanted = false;
    this.#review(topic);
  }

  /**
   * What the venue has of a topic is of no use: it is unsubscribed, and subscribed again. Tells
   * whether that is due: not, where a subscription is on its way in any case.
   */
  refresh(topic: string): boolean {
    const entry = this.#entries.get(topic);
    if (entry?.wanted !== true || entry.again) return false;
    // A snapshot that comes before the answer may be what was lost.
    if (entry.standing !== "held" && entry.standing !== "asked" && entry.standing !== "unknown")
      return false;
    entry.again = true;
    this.#review(topic);
    return true;
  }

  /** A new connection: the venue knows nothing of us. */
  beginEpoch(): void {
    this.#inFlight.clear();
    for (const [topic, entry] of this.#entries) {
      entry.again = false;
      if (entry.standing !== "refused") entry.standing = "absent";
      this.#review(topic);
    }
  }

  /**
   * The venue has nothing of these topics any more, on a connection that goes on. Gives the ids of
   * commands that are not waited for now.
   */
  drop(isLost: (topic: string) => boolean): readonly number[] {
    const over = Array.from(this.#inFlight.values()).filter(({ topics }) => topics.some(isLost));
    // Whatever else such a command was about may be held or not.
    for (const { id } of over) this.giveUp(id);
    for (const [topic, entry] of this.#entries) {
      if (entry.standing !== "refused" && isLost(topic)) this.#settle(topic, "absent");
    }
    return over.map(({ id }) => id);
  }

  /** The wanted topics among those that `matches` accepts. */
  wanted(matches: (topic: string) => boolean): readonly string[] {
    const names: string[] = [];
    for (const [topic, { wanted }] of this.#entries)
      if (wanted && matches(topic)) names.push(topic);
    return names;
  }

  /** Topics that {@link next} passed over may be admitted now. */
  readmit(): void {
    for (const topic of this.#waiting) this.#due.add(topic);
    this.#waiting.clear();
  }

  /**
   * The next command to send, if the limits allow one. It counts as unanswered from now on.
   *
   * @param admits topics about which something may be asked now; those that it leaves out are not
   *   looked at again before {@link readmit}. Default: all
   */
  next(admits: (topic: string) => boolean = () => true): Command | undefined {
    if (this.#inFlight.size >= this.#limits.maxInFlight) return undefined;
    let first: Wish | undefined;
    let room = this.#limits.maxTopics;
    const topics: string[] = [];
    let looks = LOOKS_PER_TOPIC * room;
    for (const topic of this.#due) {
      const entry = this.#entries.get(topic);
      if (entry === undefined || !admits(topic)) {
        this.#due.delete(topic);
        if (entry !== undefined) this.#waiting.add(topic);
        continue;
      }
      if (looks-- === 0) break;
      const wish = wishOf(entry);
      first ??= wish;
      if (wish !== first) continue;
      const limit = Math.min(room, entry.maxBatch);
      if (topics.length >= limit) continue;
      room = limit;
      topics.push(topic);
      if (topics.length === room) break;
    }
    if (first === undefined) return undefined;
    const command: Command = { id: this.takeId(), ...first, topics };
    const { kind } = command;
    this.#inFlight.set(command.id, command);
    for (const topic of topics) this.#settle(topic, kind === "subscribe" ? "asked" : "dropping");
    return command;
  }

  /**
   * The venue did what the command says; gives the command, or `undefined` for one that is unknown
   * or was given up.
   */
  confirm(id: number): Command | undefined {
    const command = this.#answered(id);
    for (const topic of command?.topics ?? [])
      this.#settle(topic, command?.kind === "subscribe" ? "held" : "absent");
    return command;
  }

  /**
   * The venue did what was asked about this topic alone. Gives the command, with this topic only,
   * and whether nothing else of it is waited for; `undefined` when none is about the topic.
   *
   * @param id the command that is answered, where it is known
   */
  confirmTopic(
    topic: string,
    id?: number,
  ): { readonly command: Command; readonly isOver: boolean } | undefined {
    for (const command of this.#inFlight.values()) {
      if ((id !== undefined && id !== command.id) || !command.topics.includes(topic)) continue;
      const isOver = this.#without(command, topic);
      this.#settle(topic, command.kind === "subscribe" ? "held" : "absent");
      return { command: { ...command, topics: [topic] }, isOver };
    }
    return undefined;
  }

  /** The topics of a command that is unanswered; none, for any other id. */
  topicsOf(id: number): readonly string[] {
    return this.#inFlight.get(id)?.topics ?? [];
  }

  /**
   * The venue refused the command for good. One with several topics is tried again in halves, so
   * that one bad name cannot take the others
   * with it; gives the topic that was refused alone, if so.
   */
  refuse(id: number): string | undefined {
    const command = this.#answered(id);
    if (command === undefined) return undefined;
    const [only] = command.topics;
    if (command.kind === "subscribe" && command.topics.length === 1 && only !== undefined) {
      this.#settle(only, "refused");
      return only;
    }
    for (const topic of command.topics) {
      this.#halve(topic, command);
      // An unsubscription that is refused has nothing to cancel.
      this.#settle(topic, "absent");
    }
    return undefined;
  }

  /**
   * The venue refused the command for now: what it asked for is due again. Gives the command, or
   * `undefined` for one that is unknown or was given up.
   *
   * @param halves whether its topics go in smaller commands from now on, in case that one of them
   * is to blame
   */
  putOff(id: number, halves: boolean): Command | undefined {
    const command = this.#answered(id);
    if (command === undefined) return undefined;
    for (const topic of command.topics) {
      if (halves) this.#halve(topic, command);
      this.#settle(topic, command.kind === "subscribe" ? "absent" : "held");
    }
    return command;
  }

  /**
   * The venue refused a topic for good, whatever was asked about it. Gives the ids of commands that
   * are not waited for now.
   */
  refuseTopic(topic: string): readonly number[] {
    const over = this.withdraw(topic);
    this.#settle(topic, "refused");
    return over;
  }

  /**
   * The venue answered for this topic alone, and has nothing of it. A command that asked for other
   * topics as well still waits for its answer about them. Gives the ids of commands that are not
   * waited for now, because they asked for nothing else.
   */
  withdraw(topic: string): readonly number[] {
    const over: number[] = [];
    for (const [id, command] of Array.from(this.#inFlight))
      if (command.topics.includes(topic) && this.#without(command, topic)) over.push(id);
    if (this.#entries.get(topic)?.standing !== "refused") this.#settle(topic, "absent");
    return over;
  }

  /**
   * No answer came, or the command never left: what the venue has is unknown, so it is asked again.
   * Both kinds can be repeated safely. Gives what of the command was still waited for.
   */
  giveUp(id: number): Command | undefined {
    const command = this.#answered(id);
    for (const topic of command?.topics ?? []) this.#settle(topic, "unknown");
    return command;
  }

  /** The command waits for its other topics alone; tells whether there is none. */
  #without(command: Command, topic: string): boolean {
    const topics = command.topics.filter((one) => one !== topic);
    if (topics.length > 0) this.#inFlight.set(command.id, { ...command, topics });
    else this.#inFlight.delete(command.id);
    return topics.length === 0;
  }

  #answered(id: number): Command | undefined {
    const command = this.#inFlight.get(id);
    this.#inFlight.delete(id);
    return command;
  }

  #halve(topic: string, { topics }: Command): void {
    const entry = this.#entries.get(topic);
    if (entry !== undefined) entry.maxBatch = Math.ceil(topics.length / 2);
  }

  #settle(topic: string, standing: Standing): void {
    const entry = this.#entries.get(topic);
    if (entry === undefined) return;
    entry.standing = standing;
    if (standing === "absent" || standing === "refused") entry.again = false;
    this.#review(topic);
  }

  /**
   * Decides what, if anything, has to be done about a topic, and forgets it when nothing is left of
   * it.
   */
  #review(topic: string): void {
    const entry = this.#entries.get(topic);
    if (entry === undefined) return;
    const { wanted, standing, again } = entry;
    this.#waiting.delete(topic);
    if (!wanted && (standing === "absent" || standing === "refused")) {
      this.#entries.delete(topic);
      this.#due.delete(topic);
    } else if (
      standing === "unknown" ||
      (wanted && standing === "absent") ||
      (standing === "held" && (!wanted || again))
    ) {
      this.#due.add(topic);
    } else {
      this.#due.delete(topic);
    }
  }
}
