import type {
  ReconnectingWebSocket,
  ResilientWebSocket,
  SocketEventMap,
  SocketMessageData,
} from "../../../src/websocket/index.js";

const TYPES = [
  "open",
  "message",
  "close",
  "error",
  "stale",
  "lag",
  "unsent",
  "waiting",
] as const satisfies readonly (keyof SocketEventMap)[];

type AnySocketEvent = SocketEventMap[keyof SocketEventMap];

/**
 * Everything that a socket has told so far, and a way to wait for what it will tell, without a
 * clock.
 */
export class Story {
  readonly events: AnySocketEvent[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(socket: ReconnectingWebSocket | ResilientWebSocket) {
    for (const type of TYPES) {
      socket.addEventListener(type, (event: AnySocketEvent) => {
        this.events.push(event);
        for (const check of this.#waiting) check();
      });
    }
  }

  /**
   * One word for each event: `open 1`, `message hello`, `close 1006`, `error SOCKET_LOST`, with the
   * state in which it was told.
   */
  get words(): string[] {
    return this.events.map(wordOf);
  }

  of<Type extends keyof SocketEventMap>(type: Type): SocketEventMap[Type][] {
    return this.events.filter((event): event is SocketEventMap[Type] => event.type === type);
  }

  /** The `count`th event of a type, the first being 1; waited for. */
  async nth<Type extends keyof SocketEventMap>(
    type: Type,
    count = 1,
  ): Promise<SocketEventMap[Type]> {
    await this.until(() => this.of(type).length >= count);
    const event = this.of(type)[count - 1];
    if (event === undefined) throw new Error("unreachable");
    return event;
  }

  get #over(): boolean {
    return this.of("close").some(({ willReconnect }) => !willReconnect);
  }

  /**
   * Resolves once the condition holds; it is asked after every event. Rejects when the socket ends
   * without.
   */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const holds = condition();
        if (!holds && !this.#over) return;
        this.#waiting.delete(check);
        if (holds) resolve();
        else reject(new Error(`the socket ended first: ${this.words.join(", ")}`));
      };
      this.#waiting.add(check);
      check();
    });
  }
}

function wordOf(event: AnySocketEvent): string {
  switch (event.type) {
    case "open":
      return `open ${(event as SocketEventMap["open"]).epoch}`;
    case "message":
      return `message ${textOf((event as SocketEventMap["message"]).data)}`;
    case "close":
      return `close ${(event as SocketEventMap["close"]).code}`;
    case "error":
    case "unsent":
      return `${event.type} ${(event as SocketEventMap["error" | "unsent"]).error.code}`;
    default:
      return event.type;
  }
}

function textOf(data: SocketMessageData): string {
  return typeof data === "string" ? data : Buffer.from(data as ArrayBuffer).toString();
}
