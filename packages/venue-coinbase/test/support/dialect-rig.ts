import { InboundFrame } from "@oath-ws/resilience/leaf";
import type { Command, Inbox } from "@oath-ws/venue-kit";
import { expect } from "vitest";
import { Dialect } from "../../src/feed/dialect.js";
import { ProductAliases } from "../../src/market/product-aliases.js";

/** The topics that a test looks for among those that something was lost of. */
export const TOPICS = [
  "ticker:BTC-USD",
  "ticker:ETH-USD",
  "level2:BTC-USD",
  "level2:ETH-USD",
  "user",
];

/** A dialect with a connection of paper around it: notes in words what it does. */
export class Rig {
  readonly log: string[] = [];
  /** Product ids that are asked for under another name, by topic. */
  readonly askedAs = new Map<string, string>();
  /** The events that were told, by topic. */
  readonly events: (readonly [topic: string, data: unknown])[] = [];
  readonly dialect: Dialect;
  /** The clock of the tokens, and whether it is known to be right. */
  readonly tokens = { isSure: true, doubt: () => void this.log.push("doubt") };
  #seq = 0;
  #number = 0;
  readonly #inbox: Inbox = {
    event: (topic, data) => {
      this.events.push([topic, data]);
      this.log.push(topic);
    },
    confirmed: (id) => this.log.push(`confirmed ${id}`),
    refused: (id, { code }, verdict) => this.log.push(`refused ${id} ${code} ${verdict}`),
    topicRefused: (topic, { code }, verdict) =>
      this.log.push(`topicRefused ${topic} ${code} ${verdict}`),
    unreadable: (isConcerned, error) =>
      this.log.push(`unreadable ${TOPICS.filter(isConcerned).join()} ${codeOf(error)}`),
    later: (id, { code }) => this.log.push(`later ${id} ${code}`),
    missed: () => this.log.push("missed"),
    topicConfirmed: (topic) => this.log.push(`topicConfirmed ${topic}`),
    resync: (topic) => this.log.push(`resync ${topic}`),
    beat: () => this.log.push("beat"),
    venueStatus: (state) => this.log.push(`venueStatus ${state}`),
    greeted: () => this.log.push("greeted"),
    ending: () => this.log.push("ending"),
    sessionLost: () => this.log.push("sessionLost"),
    failed: () => this.log.push("failed"),
  };

  constructor(signs = true) {
    this.dialect = new Dialect({
      connection: {
        say: (messages) => this.log.push(`say ${String(messages)}`),
        giveUp: (reason) => this.log.push(`giveUp ${reason}`),
      },
      aliases: new ProductAliases(),
      askedAs: (topic) => this.askedAs.get(topic) ?? topic.slice(topic.indexOf(":") + 1),
      tokens: signs ? this.tokens : undefined,
      onEnded: () => this.log.push("ended"),
      fault: (error) => this.log.push(`fault ${codeOf(error)}`),
    });
  }

  /** Frames that never reach us. */
  lose(count: number): void {
    this.#number += count;
  }

  /** Frames that reach us, and that our buffer drops. */
  drop(count: number): void {
    this.#number += count;
    this.#seq += count;
  }

  /** Logs in with this id. */
  logIn(id: number): void {
    const ask = (encode: (id: number) => unknown): Promise<unknown> => Promise.resolve(encode(id));
    void this.dialect.login.run({ ask, attempt: 1 });
  }

  /** What asks for a command, as the venue reads it. */
  encode(command: Command): readonly unknown[] | undefined {
    return this.dialect.encode(command)?.map((message) => JSON.parse(message) as unknown);
  }

  frame(channel: string, events: readonly object[], number = this.#number): void {
    if (number === this.#number) this.#number++;
    this.text(
      JSON.stringify({
        channel,
        timestamp: "2026-09-26T04:14:54.777523902Z",
        sequence_num: number,
        events,
      }),
    );
  }

  ack(...topics: readonly string[]): void {
    const subscriptions: Record<string, string[]> = {};
    for (const topic of topics) {
      const [channel = "", product = channel] = topic.split(":");
      (subscriptions[channel] ??= []).push(product);
    }
    this.frame("subscriptions", [{ subscriptions }]);
  }

  error(message: string): void {
    this.text(JSON.stringify({ type: "error", message }));
  }

  text(text: string): void {
    const frame = new InboundFrame("text", new TextEncoder().encode(text));
    frame.stamp(++this.#seq, { epoch: 1, at: 0, unixMs: 0, elapsedMs: 0 });
    this.dialect.receive(frame, this.#inbox);
  }

  taken(): readonly string[] {
    return this.log.splice(0);
  }
}

/** A dialect whose connection is up and has its heartbeats. */
export function begun(signs = true): Rig {
  const rig = new Rig(signs);
  rig.logIn(1);
  rig.ack("heartbeats");
  expect(rig.taken()).toEqual(["confirmed 1"]);
  return rig;
}

/** Events of a frame of the channel `ticker`. */
export const TICK = [{ type: "update", tickers: [{ product_id: "BTC-USD" }] }];

function codeOf(error: unknown): string {
  return (error as { readonly code: string }).code;
}
