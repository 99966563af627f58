import type { FromDriver } from "./messages.js";

/** Something that the client said, at a time of the parent's clock. */
export interface Said {
  readonly at: number;
  readonly what: "closed" | "down" | "lost" | "stale";
}

/** What came from a driver in one run, by the parent's clock. */
export class RunLog {
  readonly said: Said[] = [];
  readonly unhandled: string[] = [];
  /** When the application sent its texts, by number. */
  readonly sent: Map<number, number> = new Map();
  readonly refused: Set<number> = new Set();
  /** Resident bytes of the client's process, in the order of time. */
  readonly rss: { readonly at: number; readonly bytes: number }[] = [];
  readonly #received = new Set<number>();
  readonly #arrivals: { readonly at: number; readonly last: number }[] = [];
  #repeated = 0;
  #highest = 0;
  #countedLost: number | undefined = 0;
  #failure: string | undefined;
  #ended: string | undefined;

  /** Why the client cannot be driven, if so. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** How its process has ended, if it has. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** Frames that have reached the application. */
  get received(): ReadonlySet<number> {
    return this.#received;
  }

  /** The highest number of them. */
  get highest(): number {
    return this.#highest;
  }

  /** Frames that have reached the application once more. */
  get repeated(): number {
    return this.#repeated;
  }

  /** How many lost frames the client has spoken of; `undefined` when it once gave no number. */
  get countedLost(): number | undefined {
    return this.#countedLost;
  }

  note(message: FromDriver): void {
    const at = performance.now();
    switch (message.type) {
      case "frames":
        for (const [first, last] of message.ranges) this.#arrived(first, last, at);
        break;
      case "said":
        this.said.push({ at, what: message.what });
        break;
      case "lost":
        this.said.push({ at, what: "lost" });
        this.#countedLost = sum(this.#countedLost, message.count);
        break;
      case "closed":
        this.said.push({ at, what: "closed" });
        break;
      case "sending":
        this.sent.set(message.id, at);
        break;
      case "refused":
        this.refused.add(message.id);
        break;
      case "unhandled":
        this.unhandled.push(message.detail);
        break;
      case "memory":
        this.rss.push({ at, bytes: message.rssBytes });
        break;
      case "failed":
        this.#failure ??= message.reason;
        break;
      case "armed":
      case "finished":
      case "ready":
      case "started":
        break;
      default:
        message satisfies never;
    }
  }

  /** The process has ended. */
  noteEnd(how: string): void {
    this.#ended ??= how;
  }

  /** When a frame with a higher number first reached the application. */
  arrivedAfter(id: number): number | undefined {
    return this.#arrivals.find(({ last }) => last > id)?.at;
  }

  #arrived(first: number, last: number, at: number): void {
    for (let id = first; id <= last; id++) {
      if (this.#received.has(id)) this.#repeated++;
      else this.#received.add(id);
    }
    this.#highest = Math.max(this.#highest, last);
    this.#arrivals.push({ at, last });
  }
}

function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one + other;
}
