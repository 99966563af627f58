import type { NetworkEvent, VirtualNetwork } from "@oath-ws/testing";
import { ClientStream, headerOf, OPCODES } from "../wire/frames.js";
import { ServerStream } from "../wire/server-stream.js";

/** A named situation. */
export const ANSWER_MEETS_END = "an answer to an order comes with the end of its connection";

/** How a request was answered. */
export type AnswerKind = "answered" | "refused";

/** What an {@link AnswerAudit} watches. */
export interface AnswerAuditOptions {
  readonly network: VirtualNetwork;
  /** Where the venue listens. */
  readonly port: number;
  /** The order that a request is to place, by its client id; `undefined` for other requests. */
  readonly orderOf: (request: Fields) => string | undefined;
  /** How a message answers the request with this id; `undefined` for other messages. */
  readonly answerOf: (
    message: Fields,
  ) => { readonly id: unknown; readonly kind: AnswerKind } | undefined;
  /** The client has read the answer to this order, whole. */
  readonly delivered: (clientId: string, kind: AnswerKind) => void;
  readonly reach: (name: string) => void;
}

export type Fields = Readonly<Record<string, unknown>>;

/** One connection. */
interface Line {
  readonly client: ClientStream;
  readonly server: ServerStream;
  /** Orders that were asked for on it, by the ids of the requests. */
  readonly orders: Map<unknown, string>;
  /** When it brought an answer to an order last. */
  answeredAt: number | undefined;
}

/**
 * Which answers to orders reached the client's socket, by the bytes that it has read: whatever
 * comes behind them, each of these calls has its answer.
 */
export class AnswerAudit {
  readonly #options: AnswerAuditOptions;
  readonly #lines = new Map<number, Line>();
  /** When the event came that is looked at. */
  #now = 0;

  constructor(options: AnswerAuditOptions) {
    this.#options = options;
  }

  /** Watches the network from now on. */
  watch(): void {
    this.#options.network.observe((event) => this.#observed(event));
  }

  #observed(event: NetworkEvent): void {
    const { connection, atMs } = event;
    this.#now = atMs;
    if (event.kind === "opened") return this.#opened(connection);
    const line = this.#lines.get(connection);
    if (line === undefined) return;
    if (event.kind === "read") {
      if (event.direction === "toServer") line.client.push(event.bytes);
      else line.server.push(event.bytes);
    } else if ((event.kind === "failed" || event.kind === "closed") && event.at === "client") {
      this.#ends(line);
      this.#lines.delete(connection);
    }
  }

  #opened(connection: number): void {
    const { network, port } = this.#options;
    const opened = network.connections.find(({ number }) => number === connection);
    if (opened?.serverAddress.port !== port) return;
    let isWebSocket = false;
    const line: Line = {
      client: new ClientStream(
        (head) => {
          isWebSocket = headerOf(head, "Upgrade") !== "";
          // What the venue answers by REST is no frame.
          if (!isWebSocket) this.#lines.delete(connection);
        },
        ({ opcode, payload }) => {
          if (opcode === OPCODES.text) this.#asked(line, fieldsOf(payload.toString()));
        },
        () => isWebSocket,
      ),
      server: new ServerStream(
        (payload) => this.#answered(line, fieldsOf(payload.toString())),
        () => this.#ends(line),
      ),
      orders: new Map(),
      answeredAt: undefined,
    };
    this.#lines.set(connection, line);
  }

  #asked(line: Line, request: Fields): void {
    const clientId = this.#options.orderOf(request);
    if (clientId !== undefined) line.orders.set(request["id"], clientId);
  }

  #answered(line: Line, message: Fields): void {
    const { answerOf, delivered } = this.#options;
    const answer = answerOf(message);
    const clientId = line.orders.get(answer?.id);
    if (answer === undefined || clientId === undefined) return;
    line.orders.delete(answer.id);
    line.answeredAt = this.#now;
    delivered(clientId, answer.kind);
  }

  #ends({ answeredAt }: Line): void {
    if (answeredAt === this.#now) this.#options.reach(ANSWER_MEETS_END);
  }
}

/** The fields of a JSON text; none of what is no object, such as a text that a fault has spoilt. */
function fieldsOf(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Fields) : {};
  } catch {
    return {};
  }
}
