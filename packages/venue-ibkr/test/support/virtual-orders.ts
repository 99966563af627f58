import type { FakeAnswer, FakeRequest } from "./fake-rest.js";
import { VirtualGateway } from "./virtual-gateway.js";

/** What happens to the request that would place an order; milliseconds. */
export type Trouble =
  | { readonly kind: "none" }
  | { readonly kind: "answerLost" | "requestLost" }
  | { readonly kind: "answerLate" | "requestLate"; readonly ms: number }
  | { readonly kind: "refused" | "doneYetFailed"; readonly status: number };

interface Placed {
  readonly orderId: number;
  readonly order_ref: string;
  readonly status: string;
}

/** Longer than any request is waited for. */
const FOREVER_MS = 3_600_000;

/** A virtual gateway that keeps orders, and its own record of them. */
export class VirtualOrders {
  readonly gateway = new VirtualGateway();
  /** Orders that the venue has, by the client's id. */
  readonly record = new Map<string, Placed>();
  /** Client ids of the requests that reached the venue, each time. */
  readonly received: string[] = [];
  /** Replies to questions that reached the venue. */
  readonly replies: string[] = [];
  trouble: () => Trouble = () => ({ kind: "none" });
  /** Questions before an order is taken. */
  questions = 0;
  /** Whether the account's orders can be asked for. */
  isUp = true;
  /** Whether the stream tells of orders. */
  publishes = false;
  readonly #waiting = new Map<string, { readonly ref: string; readonly left: number }>();

  constructor() {
    this.gateway.rest.answer = (request) => this.#answer(request);
  }

  #answer({ method, path, body }: FakeRequest): FakeAnswer | undefined {
    if (path === "/iserver/account/orders") {
      if (!this.isUp) return { status: 503 };
      const orders = [...this.record.values()];
      return { body: { orders, snapshot: true } };
    }
    if (method !== "POST" || !/^\/iserver\/(reply|account\/U1\/orders)/.test(path))
      return undefined;
    const [, question] = /^\/iserver\/reply\/(.+)$/.exec(path) ?? [];
    if (question !== undefined) {
      this.replies.push(question);
      const { ref, left } = this.#waiting.get(question) ?? { ref: "?", left: 0 };
      return this.#next(ref, left);
    }
    const { orders } = body as { readonly orders: readonly [{ readonly cOID: string }] };
    const { cOID: ref } = orders[0];
    this.received.push(ref);
    return this.#next(ref, this.questions);
  }

  #next(ref: string, left: number): FakeAnswer {
    if (left === 0) return this.#troubled(ref);
    const id = `${ref}-${left}`;
    this.#waiting.set(id, { ref, left: left - 1 });
    return { body: [{ id, message: ["Sure?"], messageIds: ["o163"], isSuppressed: false }] };
  }

  #troubled(ref: string): FakeAnswer {
    const trouble = this.trouble();
    const { timer } = this.gateway.world;
    switch (trouble.kind) {
      case "none":
        return this.#place(ref);
      case "answerLost":
        this.#place(ref);
        return { afterMs: FOREVER_MS };
      case "requestLost":
        return { afterMs: FOREVER_MS };
      case "answerLate":
        return { ...this.#place(ref), afterMs: trouble.ms };
      case "requestLate":
        timer.scheduleArrival(trouble.ms, () => void this.#place(ref));
        return { afterMs: trouble.ms, body: [{ order_id: "?" }] };
      case "refused":
        return { status: trouble.status, body: { error: "no" } };
      case "doneYetFailed":
        this.#place(ref);
        return { status: trouble.status, body: { error: "no" } };
      default:
        return trouble satisfies never;
    }
  }

  #place(ref: string): FakeAnswer {
    const orderId = this.record.size + 1;
    const order = { orderId, order_ref: ref, status: "Submitted" };
    this.record.set(ref, order);
    if (this.publishes) this.gateway.say({ topic: "sor", args: [order] });
    return { body: [{ order_id: String(orderId), order_status: "Submitted" }] };
  }
}
