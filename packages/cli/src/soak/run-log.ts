import type { FromDriver } from "./messages.js";

/** Something that the client said, at a time of the parent's clock. */
export interface Said {
  readonly at: number;
  readonly what: "closed" | "down" | "lost" | "stale";
  readonly detail: string;
}

/** What came from a driver in one run, by the parent's clock. */
export class RunLog {
  readonly said: Said[] = [];
  readonly unhandled: string[] = [];
  readonly sent: Set<number> = new Set();
  readonly refused: Set<number> = new Set();
  /** Resident bytes of the client's process, in the order of time. */
  readonly rss: { readonly at: number; readonly bytes: number }[] = [];
  readonly #received = new Set<number>();
  readonly #arrivals: { readonly at: number; readonly last: number }[] = [];
  #failure: string | undefined;

  /** Why the client could not be started, if so. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Frames that have reached the application. */
  get received(): ReadonlySet<number> {
    return this.#received;
  }

  note(message: FromDriver): void {
    const at = performance.now();
    switch (message.type) {
      case "frames":
        for (const [first, last] of message.ranges) {
          for (let id = first; id <= last; id++) this.#received.add(id);
          this.#arrivals.push({ at, last });
        }
        break;
      case "said":
        this.said.push({ at, what: message.what, detail: message.detail });
        break;
      case "closed":
        this.said.push({ at, what: "closed", detail: message.detail });
        break;
      case "sending":
        this.sent.add(message.id);
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
        this.#failure = message.reason;
        break;
      case "armed":
      case "finished":
      case "ready":
        break;
      default:
        message satisfies never;
    }
  }

  /** When a frame with a higher number first reached the application. */
  arrivedAfter(id: number): number | undefined {
    return this.#arrivals.find(({ last }) => last > id)?.at;
  }
}
