import { WsError } from "@oath-ws/contract";
import type { TopicName } from "./topic-name.js";

/** What the venue serves at once. */
export interface TopicLimits {
  readonly lines: number;
  readonly histories: number;
}

interface Request {
  readonly topic: TopicName;
  readonly parameters: TopicParameters;
}

/** The JSON part of the command that asks for a topic; `undefined` for none. */
export type TopicParameters = object | undefined;

/** With what the topics that are held are asked for. */
export class TopicRequests {
  readonly #held: () => readonly string[];
  readonly #requests = new Map<string, Request>();

  /** @param held the names of the topics that are held now */
  constructor(held: () => readonly string[]) {
    this.#held = held;
  }

  /**
   * A topic is about to be held, with these parameters. The fields of a line add up.
   *
   * @returns whether a line that is held already has fields that it had not before
   * @throws WsError `LINES_EXHAUSTED`, `HISTORIES_EXHAUSTED` or `TOPIC_CONFLICT`
   */
  add(topic: TopicName, parameters: TopicParameters, limits: TopicLimits): boolean {
    const held = new Set(this.#held());
    for (const name of this.#requests.keys()) if (!held.has(name)) this.#requests.delete(name);
    const known = this.#requests.get(topic.name);
    if (known === undefined) {
      this.#admit(topic, limits);
      this.#requests.set(topic.name, { topic, parameters });
      return false;
    }
    if (topic.kind !== "smd") {
      // Histories and days cannot be added up.
      if (JSON.stringify(known.parameters) === JSON.stringify(parameters)) return false;
      const message = `${topic.name} is held with other options; close it first`;
      throw new WsError({ kind: "client", code: "TOPIC_CONFLICT", message });
    }
    const before = fieldsOf(known.parameters);
    const fields = Array.from(new Set([...before, ...fieldsOf(parameters)]));
    this.#requests.set(topic.name, { topic, parameters: { fields } });
    return fields.length > before.length;
  }

  /** Whether the topic is held. */
  has(name: string): boolean {
    return this.#held().includes(name);
  }

  /** The text that asks for a topic. */
  words(name: string): string {
    const { parameters } = this.#requests.get(name) ?? {};
    return parameters === undefined ? name : `${name}+${JSON.stringify(parameters)}`;
  }

  #admit({ kind, args: [account] }: TopicName, limits: TopicLimits): void {
    const alike = Array.from(this.#requests.values()).filter(({ topic }) => topic.kind === kind);
    if (kind === "smd" && alike.length >= limits.lines) {
      const message = `all ${limits.lines} market data lines are held; close one first`;
      throw new WsError({ kind: "throttled", code: "LINES_EXHAUSTED", message });
    }
    if (kind === "smh" && alike.length >= limits.histories) {
      const message = "the venue serves no more histories at once; close one first";
      throw new WsError({ kind: "throttled", code: "HISTORIES_EXHAUSTED", message });
    }
    // The venue cancels ladders by account alone.
    if (kind === "sbd" && alike.some(({ topic }) => topic.args[0] === account)) {
      const message = "there is one ladder for each account; close the other one first";
      throw new WsError({ kind: "client", code: "TOPIC_CONFLICT", message });
    }
  }
}

function fieldsOf(parameters: TopicParameters): readonly string[] {
  return (parameters as { readonly fields: readonly string[] }).fields;
}
