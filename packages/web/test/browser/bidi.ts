import { once } from "node:events";
import { WebSocket } from "ws";

/** What a browser tells unasked. */
export interface BidiEvent {
  readonly method: string;
  readonly params: unknown;
}

interface Answer {
  readonly id?: number;
  readonly type: "success" | "error" | "event";
  readonly result?: unknown;
  readonly error?: string;
  readonly message?: string;
  readonly method?: string;
  readonly params?: unknown;
}

/** A session of WebDriver BiDi (https://w3c.github.io/webdriver-bidi). */
export class Bidi {
  readonly #socket: WebSocket;
  readonly #onEvent: (event: BidiEvent) => void;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #calls = 0;

  /** @param url what the browser says that it listens on */
  static async start(url: string, onEvent: (event: BidiEvent) => void): Promise<Bidi> {
    const socket = new WebSocket(`${url}/session`, { perMessageDeflate: false });
    await once(socket, "open");
    const session = new Bidi(socket, onEvent);
    await session.send("session.new", { capabilities: {} });
    return session;
  }

  private constructor(socket: WebSocket, onEvent: (event: BidiEvent) => void) {
    this.#socket = socket;
    this.#onEvent = onEvent;
    socket.on("message", (data: Buffer) => this.#received(JSON.parse(data.toString()) as Answer));
    socket.on("close", () => {
      for (const settle of this.#waiting.values())
        settle({ type: "error", error: "closed", message: "the browser ended the session" });
    });
  }

  /** Sends a command, and gives its result. Rejects with what the browser says of it. */
  async send<T = unknown>(method: string, params: object): Promise<T> {
    const id = ++this.#calls;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { type, result, error, message } = await answered;
    if (type === "error") throw new Error(`${method}: ${error}: ${message}`);
    return result as T;
  }

  /** Ends the browser with its last session. */
  async close(): Promise<void> {
    const closed = once(this.#socket, "close");
    await this.send("browser.close", {});
    await closed;
  }

  #received(answer: Answer): void {
    const { id, type, method } = answer;
    if (type === "event" && method !== undefined) this.#onEvent({ method, params: answer.params });
    if (id === undefined) return;
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }
}
