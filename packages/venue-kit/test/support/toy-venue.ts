import type { MockPeer, MockReceived } from "@oath-ws/testing";
import { accept } from "@oath-ws/testing";
import type { DialStep, World } from "@oath-ws/testing";
import { WsError } from "@oath-ws/contract";
import type { Grammar, Inbox, TopicRules, VenueState } from "@oath-ws/venue-kit";

/** An event as the venue publishes it. */
export interface Tick {
  readonly t: string;
  readonly n: number;
  /** Events of any topic are missing before this one. */
  readonly hole?: true;
}

type FromVenue =
  | Tick
  | { readonly ok: number; readonly result?: unknown }
  | Refusal
  | { readonly bye: string }
  | { readonly beat: number }
  | { readonly status: VenueState }
  | { readonly got: string; readonly id?: number }
  | { readonly not: string }
  | { readonly out: string }
  | { readonly fatal: string };

/**
 * A command that is refused: for good, for now, or because it came too fast; and the pause that the
 * venue asks for.
 */
interface Refusal {
  readonly no: number;
  readonly why?: "never" | "busy" | "fast";
  readonly afterMs?: number | undefined;
}

type FromClient =
  | { readonly sub: number; readonly topics: readonly string[] }
  | { readonly unsub: number; readonly topics: readonly string[] }
  | { readonly ask: number; readonly about: string }
  | { readonly say: string };

export const COUNTED: TopicRules<Tick> = {
  identity: ({ n }) => n,
  range: { firstId: ({ n }) => n, lastId: ({ n }) => n },
};
export const UNCOUNTED: TopicRules<Tick> = { identity: ({ n }) => `tick-${n}`, range: undefined };

/** The venue's language: one JSON object per text frame. */
export const GRAMMAR: Grammar = {
  encode: ({ id, kind, topics }) =>
    JSON.stringify({ [kind === "subscribe" ? "sub" : "unsub"]: id, topics }),
  receive: (frame, inbox) => {
    const message = JSON.parse(frame.text()) as FromVenue;
    if ("t" in message) {
      if (message.hole === true) inbox.missed();
      inbox.event(message.t, message);
    } else if ("ok" in message) inbox.confirmed(message.ok, message.result);
    else if ("no" in message) refuse(message, inbox);
    else if ("beat" in message) inbox.beat();
    else if ("status" in message) inbox.venueStatus(message.status);
    else if ("got" in message) inbox.topicConfirmed(message.got, message.id);
    else if ("not" in message)
      inbox.topicRefused(message.not, failure("REFUSED", "the venue said no"), "never");
    else if ("bye" in message) inbox.ending(message.bye);
    else if ("out" in message) inbox.sessionLost(failure("LOGGED_OUT", message.out));
    else inbox.failed(failure("BANNED", message.fatal));
  },
};

function refuse({ no, why = "never", afterMs }: Refusal, inbox: Inbox): void {
  switch (why) {
    case "never":
      inbox.refused(no, failure("REFUSED", "the venue said no"), "never");
      break;
    case "busy":
      inbox.refused(no, failure("BUSY", "the venue is busy", afterMs), "notNow");
      break;
    case "fast":
      inbox.later(no, failure("TOO_FAST", "commands come too fast", afterMs));
      break;
    default:
      why satisfies never;
  }
}

function failure(code: string, message: string, retryAfterMs?: number): WsError {
  return new WsError({ kind: "client", code, message, retryAfterMs });
}

/** One client's connection as the venue sees it. */
export class Seat {
  readonly peer: MockPeer;
  readonly topics = new Set<string>();
  /** Every command that arrived, in words: `sub a,b`. */
  readonly commands: string[] = [];
  /** How long what the venue publishes is under way, in milliseconds; `undefined`: no time. */
  delayMs: number | undefined;
  /** Answers commands and questions. */
  answers = true;
  /** Answers a command topic by topic. */
  answersByTopic = false;
  /** Sends events. */
  publishes = true;
  /** Called when a subscription was answered, in the same turn. */
  onSubscribed: (topics: readonly string[]) => void = () => undefined;
  /** The id of the last question. */
  lastAsk = 0;
  /** Why it refuses commands, all of them; `undefined`: it carries them out. */
  mood: "busy" | "fast" | undefined;
  /** Called when it has refused a command for now, in the same turn. */
  onPutOff: () => void = () => undefined;
  /** The pause that it asks for when it refuses a command for now, in milliseconds. */
  afterMs: number | undefined;
  /** Topics that this connection alone refuses for good. */
  readonly refusing = new Set<string>();
  /** Called with each topic of {@link refusing} that it refuses by itself. */
  onRefused: (topic: string) => void = () => undefined;
  /** When each command arrived, in the order of {@link commands}. */
  readonly times: number[] = [];
  /** Topics whose next event is lost on the way. */
  readonly losing = new Set<string>();
  readonly #world: World;
  readonly #refused: ReadonlySet<string>;

  constructor(peer: MockPeer, world: World, refused: ReadonlySet<string>) {
    this.peer = peer;
    this.#world = world;
    this.#refused = refused;
    peer.onFrame((frame) => this.#receive(frame));
  }

  say(message: FromVenue): void {
    this.#send(JSON.stringify(message));
  }

  /** An event that cannot be read. */
  garble(topic: string): void {
    if (this.publishes && this.peer.isOpen && this.topics.has(topic)) this.#send("{");
  }

  #send(text: string): void {
    if (this.delayMs === undefined) this.peer.text(text);
    else this.#world.timer.scheduleArrival(this.delayMs, () => this.peer.text(text));
  }

  event(tick: Tick): void {
    if (
      !this.publishes ||
      !this.peer.isOpen ||
      !this.topics.has(tick.t) ||
      this.losing.delete(tick.t)
    )
      return;
    this.say(tick);
  }

  #receive(frame: MockReceived): void {
    if (frame.kind !== "text") return;
    const message = JSON.parse(new TextDecoder().decode(frame.data)) as FromClient;
    if ("ask" in message) {
      this.#note(`ask ${message.about}`);
      this.lastAsk = message.ask;
      if (this.answers)
        this.say(
          message.about === "nonsense"
            ? { no: message.ask }
            : { ok: message.ask, result: message.about },
        );
      return;
    }
    if ("say" in message) {
      this.#note(`say ${message.say}`);
      return;
    }
    const subscribes = "sub" in message;
    const id = subscribes ? message.sub : message.unsub;
    this.#note(`${subscribes ? "sub" : "unsub"} ${message.topics.join(",")}`);
    if (this.mood !== undefined) {
      if (!this.answers) return;
      this.say({ no: id, why: this.mood, afterMs: this.afterMs });
      this.onPutOff();
      return;
    }
    if (this.answersByTopic) {
      this.#answerByTopic(subscribes, id, message.topics);
      return;
    }
    if (
      subscribes &&
      message.topics.some((topic) => this.#refused.has(topic) || this.refusing.has(topic))
    ) {
      const [only] = message.topics;
      if (message.topics.length === 1 && only !== undefined && this.answers) this.onRefused(only);
      if (this.answers) this.say({ no: id });
      return;
    }
    for (const topic of message.topics) {
      if (subscribes) this.topics.add(topic);
      else this.topics.delete(topic);
    }
    if (this.answers) this.say({ ok: id });
    if (subscribes) this.onSubscribed(message.topics);
  }

  #answerByTopic(subscribes: boolean, id: number, topics: readonly string[]): void {
    const taken: string[] = [];
    for (const topic of topics) {
      if (subscribes && (this.#refused.has(topic) || this.refusing.has(topic))) {
        if (this.answers) this.onRefused(topic);
        if (this.answers) this.say({ not: topic });
        continue;
      }
      taken.push(topic);
      if (subscribes) this.topics.add(topic);
      else this.topics.delete(topic);
      if (this.answers) this.say({ got: topic, id });
    }
    if (subscribes) this.onSubscribed(taken);
  }

  #note(command: string): void {
    this.commands.push(command);
    this.times.push(this.#world.timer.now());
  }
}

/**
 * A venue that numbers the events of each topic and sends them to every connection that has
 * subscribed it.
 */
export class ToyVenue {
  readonly seats: Seat[] = [];
  readonly refused = new Set<string>();
  /** Called for each new connection before anything is said on it. */
  onSeat: (seat: Seat) => void = () => undefined;
  readonly #world: World;
  readonly #published = new Map<string, number>();
  readonly #history = new Map<string, number[]>();

  constructor(world: World) {
    this.#world = world;
  }

  /** How a dial to it is answered. */
  answer(): DialStep {
    return accept({
      onAccept: (peer) => {
        const seat = new Seat(peer, this.#world, this.refused);
        this.seats.push(seat);
        this.onSeat(seat);
      },
    });
  }

  get open(): readonly Seat[] {
    return this.seats.filter(({ peer }) => peer.isOpen);
  }

  /** The newest open connection. */
  get seat(): Seat {
    const seat = this.open.at(-1);
    if (seat === undefined)
      throw new Error(`no connection is open at t=${this.#world.timer.now()}`);
    return seat;
  }

  /** How many events of a topic there were. */
  count(topic: string): number {
    return this.#published.get(topic) ?? 0;
  }

  /** The ids of a topic's events in the order in which they were published, read or not. */
  history(topic: string): readonly number[] {
    return this.#history.get(topic) ?? [];
  }

  /** The topic's next event bears the number after `last`. */
  recount(topic: string, last: number): void {
    this.#published.set(topic, last);
  }

  /** The next event of a topic cannot be read on any connection. */
  garble(topic: string): void {
    this.#published.set(topic, this.count(topic) + 1);
    for (const seat of this.seats) seat.garble(topic);
  }

  /** The next event of each of these topics. */
  publish(...topics: readonly string[]): void {
    for (const t of topics) {
      const n = this.count(t) + 1;
      this.#published.set(t, n);
      const history = this.#history.get(t) ?? [];
      this.#history.set(t, history);
      history.push(n);
      for (const seat of this.seats) seat.event({ t, n });
    }
  }
}
