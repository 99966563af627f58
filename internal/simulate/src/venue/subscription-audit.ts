import type { NetworkEvent, VirtualNetwork } from "@oath-ws/testing";
import { demand } from "../core/violated.js";
import { ServerStream } from "../wire/server-stream.js";
import type { Stage, VenueRecord } from "./stage.js";

type Group = Stage["groups"][number];

/** One connection of the client, as the venue's record knows it. */
interface Line {
  readonly record: VenueRecord;
  /** The venue's own number; `undefined` until the upgrade was accepted. */
  number: number | undefined;
  /** What the venue had for it, and the client has not given up since. */
  readonly had: Set<string>;
  /** What the venue ever had for it. */
  readonly ever: Set<string>;
  /** What the venue has ended with a word since it read last. */
  readonly ended: Set<string>;
  /** Reads what the client reads; `undefined` where the venue has no words for its endings. */
  readonly said: ServerStream | undefined;
  /** Bytes that the client sent and the venue has not read. */
  underWay: number;
}

/**
 * What adapters call live, against what the simulators of the venue have subscribed.
 *
 * A topic that is live is one that the venue had on a connection whose socket is open at the
 * client, and that the client has not given up there since. What the venue loses without a word, or
 * together with its own end of a connection, stays counted until the client can know. What the
 * venue ends with a word (a session, an account's stream) counts until the client has read that
 * word.
 *
 * How this works: the venue's record is read in front of everything that the venue reads, and when
 * that step is over. The difference is what the client brought about. A number that is new then is
 * that of the connection on which the venue has just read. A venue that is held up reads first and
 * answers later: what it has by now is looked at before a claim is called wrong.
 */
export class SubscriptionAudit {
  readonly #network: VirtualNetwork;
  readonly #groups: readonly Group[];
  readonly #lines = new Map<number, Line>();
  readonly #known = new Map<VenueRecord, Map<number, ReadonlySet<string>>>();
  /** Numbers of which the connection was found. */
  readonly #found = new Map<VenueRecord, Set<number>>();
  /** The connection on which the venue has just read. */
  #asked: Line | undefined;
  /** Whether the venue's program reads nothing: what came to its system is on its way as well. */
  isVenueHeld: () => boolean = () => false;
  /** Whether a claim that held may be wrong now. */
  isChanged = false;

  constructor(network: VirtualNetwork, groups: readonly Group[]) {
    this.#network = network;
    this.#groups = groups;
    for (const { record } of groups) if (record !== undefined) this.#known.set(record, new Map());
    network.observe((event) => this.#observed(event));
  }

  /** Called at each settled step. */
  look(): void {
    const line = this.#asked;
    if (line === undefined) return;
    this.#asked = undefined;
    const before = this.#known.get(line.record) ?? new Map<number, ReadonlySet<string>>();
    const now = this.#read(line.record);
    const isNew = (number: number): boolean => !before.has(number);
    if (line.number === undefined) this.#number(line, [...now.keys()].find(isNew));
    const [had, has] = [before.get(line.number ?? 0), now.get(line.number ?? 0)];
    if (has === undefined) return;
    for (const topic of had ?? []) if (!has.has(topic)) this.#gaveUp(line, topic);
    line.ended.clear();
    for (const topic of has) {
      line.had.add(topic);
      line.ever.add(topic);
    }
  }

  /** Every topic that is live, and every book that shows prices, is of a connection that stands. */
  check(): void {
    this.isChanged = false;
    for (const { holds, record, unanswered } of this.#groups) {
      if (record === undefined) continue;
      const lines = [...this.#lines.values()].filter((line) => line.record === record);
      for (const { name, topic, state, best } of holds) {
        const { phase } = state.snapshot;
        const isCarried = lines.some(({ had }) => had.has(topic));
        if ((phase === "live" || best !== undefined) && !isCarried) this.#catchUp(record);
        // The adapter can only wait for a refusal, which may take longer than it waits.
        const isOnItsWay =
          unanswered?.has(topic) === true &&
          (this.isVenueHeld() || lines.some((one) => one.underWay > 0));
        demand(
          phase !== "live" || isOnItsWay || lines.some(({ had }) => had.has(topic)),
          "live implies that the venue has it subscribed",
          () => `${name} is live; ${this.#state(record)}`,
        );
        // A book that is asked for again may show what came before the answer.
        demand(
          best === undefined || lines.some(({ ever }) => ever.has(topic)),
          "a book shows nothing of a connection that has ended",
          () => `${name} is ${phase}; ${this.#state(record)}`,
        );
      }
    }
  }

  #observed(event: NetworkEvent): void {
    const { connection } = event;
    if (event.kind === "opened") return this.#opened(connection);
    const line = this.#lines.get(connection);
    if (line === undefined) return;
    if (event.kind === "sent" && event.direction === "toServer") {
      line.underWay += event.bytes.length;
    } else if (event.kind === "read" && event.direction === "toServer") {
      line.underWay -= event.bytes.length;
      if (line.underWay === 0) this.isChanged = true;
      this.look();
      this.#read(line.record);
      this.#asked = line;
    } else if (event.kind === "read") {
      // What is read in front of the upgrade, or of REST, is no frame.
      if (line.number !== undefined) line.said?.push(event.bytes);
    } else if ((event.kind === "failed" || event.kind === "closed") && event.at === "client") {
      this.#lines.delete(connection);
      this.isChanged = true;
    }
  }

  /** Adds what the venue has for connections without having read anything just before. */
  #catchUp(record: VenueRecord): void {
    const lines = [...this.#lines.values()].filter((line) => line.record === record);
    for (const [number, topics] of this.#read(record)) {
      const isFound = this.#found.get(record)?.has(number) === true;
      const line = lines.find((one) => one.number === (isFound ? number : undefined));
      if (line === undefined) continue;
      if (!isFound) this.#number(line, number);
      for (const topic of topics) {
        if (!line.ended.has(topic)) line.had.add(topic);
        line.ever.add(topic);
      }
    }
  }

  #opened(connection: number): void {
    const opened = this.#network.connections.find(({ number }) => number === connection);
    const port = opened?.serverAddress.port;
    for (const record of this.#known.keys()) {
      if (record.port !== port) continue;
      const said: ServerStream | undefined =
        record.endings.length === 0
          ? undefined
          : new ServerStream(
              (message) => this.#told(line, message),
              () => undefined,
            );
      const [had, ever, ended] = [new Set<string>(), new Set<string>(), new Set<string>()];
      const line: Line = { record, number: undefined, had, ever, ended, underWay: 0, said };
      this.#lines.set(connection, line);
    }
  }

  /** The client has read a message of the venue. */
  #told(line: Line, message: Buffer): void {
    for (const { text, ends } of line.record.endings) {
      if (!message.includes(text)) continue;
      for (const topic of Array.from(line.had)) {
        if (!ends(topic)) continue;
        line.ended.add(topic);
        this.#gaveUp(line, topic);
      }
    }
  }

  #number(line: Line, number: number | undefined): void {
    if (number === undefined) return;
    line.number = number;
    this.#found.set(line.record, (this.#found.get(line.record) ?? new Set()).add(number));
  }

  #gaveUp(line: Line, topic: string): void {
    line.had.delete(topic);
    this.isChanged = true;
  }

  /** Reads a record, which is what is known of it from then on. */
  #read(record: VenueRecord): ReadonlyMap<number, ReadonlySet<string>> {
    const now = new Map(
      record.subscribed().map(({ connection, topics }) => [connection, new Set(topics)] as const),
    );
    this.#known.set(record, now);
    return now;
  }

  #state(record: VenueRecord): string {
    return [...this.#lines]
      .filter(([, line]) => line.record === record)
      .map(([connection, { had }]) => `connection ${connection} has ${[...had].join(", ")}`)
      .join("; ");
  }
}
