import type { CancelSignal, Random, Timer, WsError } from "@oath-ws/contract";
import { WsError as Failure } from "@oath-ws/contract";
import type { CallAnswer, CallOutcome, LateAnswers } from "../connection/call-outcome.js";
import type { PauseShape } from "../connection/retry-pause.js";
import type { TopicWatch } from "../topic/topic-watch.js";
import { FateSearch } from "./fate-search.js";
import type { OrderFate, OrderFinding, PlaceOutcome } from "./order-fate.js";

/** What {@link OrderCalls} are made of. `A` is the venue's answer, `P` a placed order. */
export interface OrderCallsOptions {
  readonly timer: Timer;
  readonly random: Random;
  /** How long a fate may be looked for, in milliseconds. Default 60 000. */
  readonly fateBoundMs?: number | undefined;
  /** The pauses between questions for an order. Default from 500 ms to 5 s. */
  readonly pause?: PauseShape | undefined;
  /**
   * Orders are refused here, without being sent, while this topic is not `live`: what the account
   * holds is not known then. Default: they are sent.
   */
  readonly refuseUnlessLive?: TopicWatch | undefined;
  /** Told of questions that failed, and of orders whose fate stays unknown. */
  readonly onFault: (error: WsError) => void;
}

/** One order to place, and how to find out what became of it. */
export interface OrderCall<A, P> {
  readonly clientId: string;
  /** Sends it, once. */
  readonly send: (late: LateAnswers) => Promise<CallOutcome<A>>;
  /** What the venue's answer says of the order. */
  readonly read: (answer: CallAnswer) => OrderFinding<P>;
  /** Asks for it by the client's id. */
  readonly ask: (signal: CancelSignal) => Promise<OrderFinding<P>>;
  /** Read after it was sent; see `FateSearchOptions.deadline`. */
  readonly deadline: () => number | undefined;
}

const FATE_BOUND_MS = 60_000;
const PAUSE: PauseShape = { minMs: 500, maxMs: 5_000 };

interface Flight {
  /** What a stream said of the order while its call was under way. */
  heard: OrderFinding<unknown> | undefined;
  search: FateSearch<unknown> | undefined;
}

/**
 * Orders to a known end. A call whose outcome is `fateUnknown` is followed by a search: by
 * questions, by the account's stream, and by the venue's late answer, whichever speaks first. An
 * order is sent at most once, and never again by the kit.
 */
export class OrderCalls {
  readonly #options: OrderCallsOptions;
  readonly #flights = new Map<string, Flight>();
  #closed = false;

  constructor(options: OrderCallsOptions) {
    this.#options = options;
  }

  /** Places an order. Never rejects. */
  async place<A, P>(order: OrderCall<A, P>): Promise<PlaceOutcome<A, P>> {
    const { clientId } = order;
    const error = this.#refusal(clientId);
    if (error !== undefined) return { clientId, kind: "didNotLeave", error };
    const flight: Flight = { heard: undefined, search: undefined };
    this.#flights.set(clientId, flight);
    const outcome = await order.send({
      forMs: this.#boundMs,
      tell: (answer) => flight.search?.report(order.read(answer)),
    });
    if (outcome.kind !== "fateUnknown") {
      this.#flights.delete(clientId);
      return { clientId, ...outcome };
    }
    const resolution = this.#search(clientId, flight, order);
    return { clientId, ...outcome, resolution };
  }

  /**
   * What became of an order that was sent earlier, by another process for instance. One whose call
   * is still under way here is `stillUnknown`; a search that runs is joined. Never rejects.
   */
  resolve<P>(
    order: Pick<OrderCall<unknown, P>, "clientId" | "ask" | "deadline">,
  ): Promise<OrderFate<P>> {
    const { clientId } = order;
    const known = this.#flights.get(clientId);
    // An id names one order, and what is found out about it is of one type.
    if (known?.search !== undefined) return known.search.resolution as Promise<OrderFate<P>>;
    if (known !== undefined)
      return Promise.resolve({ kind: "stillUnknown", error: inUse(clientId) });
    const flight: Flight = { heard: undefined, search: undefined };
    this.#flights.set(clientId, flight);
    return this.#search(clientId, flight, order);
  }

  /** What the account's stream says of an order; ignored if no call waits for it. */
  report(clientId: string, finding: OrderFinding<unknown>): void {
    const flight = this.#flights.get(clientId);
    if (flight?.search === undefined) {
      if (flight !== undefined) flight.heard ??= finding;
    } else {
      flight.search.report(finding);
    }
  }

  /** Places nothing any more; searches under way end as `stillUnknown`. */
  close(): void {
    this.#closed = true;
    for (const { search } of this.#flights.values()) search?.end("the adapter was shut down");
  }

  get #boundMs(): number {
    return this.#options.fateBoundMs ?? FATE_BOUND_MS;
  }

  #refusal(clientId: string): WsError | undefined {
    const { refuseUnlessLive } = this.#options;
    if (this.#closed) return shutDown();
    if (this.#flights.has(clientId)) return inUse(clientId);
    const { phase, cause } = refuseUnlessLive?.snapshot ?? { phase: "live", cause: undefined };
    if (phase === "live") return undefined;
    const message = `the account is ${phase}: the order was not sent. Place it when it is live`;
    return new Failure({ kind: "client", code: "ACCOUNT_RECOVERING", message, cause });
  }

  #search<P>(
    clientId: string,
    flight: Flight,
    { ask, deadline }: Pick<OrderCall<unknown, P>, "ask" | "deadline">,
  ): Promise<OrderFate<P>> {
    const { timer, random, pause = PAUSE, onFault } = this.#options;
    const boundMs = this.#boundMs;
    const search = new FateSearch<P>({
      timer,
      random,
      ask,
      deadline: deadline(),
      boundMs,
      pause,
      onFault,
    });
    // An id names one order, and all that is reported under it is about that order.
    flight.search = search as FateSearch<unknown>;
    if (flight.heard !== undefined) flight.search.report(flight.heard);
    if (this.#closed) search.end("the adapter was shut down");
    return search.resolution.finally(() => this.#flights.delete(clientId));
  }
}

function inUse(clientId: string): WsError {
  const message = `an order with the client id ${clientId} is under way: give each order its own`;
  return new Failure({ kind: "client", code: "CLIENT_ID_IN_USE", message });
}

function shutDown(): WsError {
  const message = "the adapter was shut down: nothing is sent any more";
  return new Failure({ kind: "client", code: "SHUT_DOWN", message });
}
