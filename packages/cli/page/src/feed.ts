import { defaultClassify, openWeb } from "@oath-ws/web";
import type { LifecycleSnapshot, ReconnectingConnection } from "@oath-ws/web";
import { FEED_PATH } from "../../src/dash/protocol.js";
import type { FromPage, FromServer, PageHello, PageWatch } from "../../src/dash/protocol.js";

/** What a {@link Feed} needs of the page. */
export interface FeedOptions {
  /** The first message, on every connection. */
  readonly hello: () => PageHello;
  /** What the page shows now. */
  readonly watch: () => PageWatch;
  readonly onMessage: (message: FromServer) => void;
  /** The connection's state changed. */
  readonly onState: (snapshot: LifecycleSnapshot) => void;
}

/** The server closes so where a page may not read. */
const NEEDS_TOKEN = 4401;

/**
 * The page's own connection: what it shows comes over the transport that it shows. It goes on by
 * itself after every loss, and says since when the page has been blind.
 */
export class Feed {
  readonly #options: FeedOptions;
  readonly #connection: ReconnectingConnection;
  #epoch = 0;

  private constructor(options: FeedOptions, connection: ReconnectingConnection) {
    this.#options = options;
    this.#connection = connection;
    connection.lifecycle.subscribe(() => this.#moved());
    this.#moved();
    void this.#read();
  }

  static async open(options: FeedOptions): Promise<Feed> {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const connection = await openWeb(`${scheme}//${location.host}${FEED_PATH}`, {
      name: "dashboard",
      awaitFirst: false,
      classify: {
        classify: (error, context) =>
          error.close?.code === NEEDS_TOKEN
            ? "permanent"
            : defaultClassify.classify(error, context),
      },
      config: {
        // A tick comes twice a second.
        liveness: { probeAfterMs: 1_500, staleAfterMs: 2_500, deadAfterMs: 6_000 },
        backoff: { minMs: 250, maxMs: 2_000 },
        attempts: { max: 60, windowMs: 60_000 },
      },
    });
    return new Feed(options, connection);
  }

  /** Says something on the present connection; lost where there is none. */
  say(message: FromPage): void {
    this.#connection.sink.send(JSON.stringify(message)).catch(() => undefined);
  }

  /** Says hello again on a new connection. */
  restart(): void {
    this.#connection.trigger.forceReconnect("another start code");
  }

  #moved(): void {
    const { snapshot } = this.#connection.lifecycle;
    const isUp = snapshot.phase === "connected" || snapshot.phase === "resumed";
    if (isUp && snapshot.epoch !== this.#epoch) {
      this.#epoch = snapshot.epoch;
      this.say(this.#options.hello());
      this.say(this.#options.watch());
    }
    this.#options.onState(snapshot);
  }

  async #read(): Promise<void> {
    try {
      for await (const frame of this.#connection.source) {
        if (frame.epoch !== this.#epoch) continue;
        this.#options.onMessage(JSON.parse(frame.text()) as FromServer);
        // The first data after an outage says how long it was.
        this.#options.onState(this.#connection.lifecycle.snapshot);
      }
    } catch {
      this.#options.onState(this.#connection.lifecycle.snapshot);
    }
  }
}
