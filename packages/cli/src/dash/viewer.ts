import type { WebSocket } from "ws";
import { pageMessage } from "./page-message.js";
import type { Answer, FromServer, PageAct, PageWatch, Stretch, Tick } from "./protocol.js";
import { now, unixMs } from "./clock.js";
import type { Watch } from "./watch.js";

/** A page that has not read so much gets no tick: the next one tells it how many it missed. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** What a page asks of its server, beside the ticks. */
export interface ViewerHost {
  readonly watch: Watch;
  /**
   * Answers the first message of a page. `undefined`: the page may not read.
   */
  welcome(token: string | undefined, code: string | undefined): FromServer | undefined;
  act(act: PageAct): Answer;
}

/** One page that looks. */
export class Viewer {
  readonly #socket: WebSocket;
  readonly #host: ViewerHost;
  #shows: PageWatch | undefined;
  #isWelcome = false;
  #skipped = 0;
  /** Stretches and points that the page has, by connection. */
  readonly #stretchesSent = new Map<number, number>();
  #pointsSent = 0;
  #happeningsSent = 0;
  #release: () => void = () => undefined;

  constructor(socket: WebSocket, host: ViewerHost) {
    this.#socket = socket;
    this.#host = host;
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (isBinary || !this.#take(data.toString("utf8"))) socket.close(1008, "not understood");
    });
    socket.on("close", () => this.#release());
    // The close that follows says all there is to say.
    socket.on("error", () => undefined);
  }

  /** Sends what is new, unless the page is behind. */
  tick(): void {
    if (!this.#isWelcome || this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_UNREAD_BYTES) {
      this.#skipped++;
      return;
    }
    this.#send(this.#next());
    this.#skipped = 0;
  }

  #take(text: string): boolean {
    const said = pageMessage(text);
    if (said === undefined) return false;
    if (said.type === "hello") {
      const welcome = this.#isWelcome ? undefined : this.#host.welcome(said.token, said.code);
      if (welcome === undefined) {
        this.#socket.close(4401, "a token is needed");
        return true;
      }
      this.#isWelcome = true;
      this.#send(welcome);
      return true;
    }
    if (!this.#isWelcome) return false;
    if (said.type === "watch") this.#show(said);
    else this.#send(this.#host.act(said));
    return true;
  }

  #show(shows: PageWatch): void {
    const before = this.#shows;
    this.#shows = shows;
    if (shows.connection !== before?.connection) this.#pointsSent = 0;
    if (shows.topic !== before?.topic) {
      this.#release();
      this.#release = this.#host.watch.reader(shows.topic)?.hold() ?? (() => undefined);
    }
    // What was asked for is shown at once.
    this.tick();
  }

  #next(): Tick {
    const { watch } = this.#host;
    const { connection, topic, filter = "", from = 0 } = this.#shows ?? {};
    const figures = [];
    const stretches: (readonly [number, readonly Stretch[]])[] = [];
    for (const each of watch.connections) {
      figures.push(each.figures);
      const fresh = each.stretches.since(this.#stretchesSent.get(each.key) ?? 0);
      if (fresh.length > 0) stretches.push([each.key, fresh]);
      this.#stretchesSent.set(each.key, each.stretches.total);
    }
    const happenings = watch.happenings.since(this.#happeningsSent);
    this.#happeningsSent = watch.happenings.total;
    const selected = watch.connection(connection);
    const points = selected?.points.since(this.#pointsSent) ?? [];
    this.#pointsSent = selected?.points.total ?? 0;
    return {
      type: "tick",
      at: unixMs(now()),
      skipped: this.#skipped,
      connections: figures,
      stretches,
      happenings,
      topics: watch.topics(filter, from),
      connection: selected && { key: selected.key, points, dial: selected.dial },
      topic: watch.reader(topic)?.detail(),
    };
  }

  #send(message: FromServer): void {
    this.#socket.send(JSON.stringify(message));
  }
}
