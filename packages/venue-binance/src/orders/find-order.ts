import type { CancelSignal } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import type { CallAnswer, CallOutcome, OrderFinding } from "@oath-ws/venue-kit";
import type { ApiLine } from "../user-data/api-line.js";
import type { AccountEvent, ExecutionReport } from "../user-data/user-data-events.js";
import { readTime } from "../user-data/user-data-login.js";
import type { ApiCaller } from "./api-caller.js";
import { isUncertain, NO_SUCH_ORDER, WEIGHTS } from "./api-methods.js";
import type { FoundOrder, OrderStatus, PlacedOrder } from "./order-payloads.js";

type Finding = OrderFinding<FoundOrder>;

/** How long a question over the connection may take before REST is asked, in milliseconds. */
const QUESTION_MS = 5_000;

/** Which order is looked for. */
export interface Wanted {
  readonly symbol: string;
  readonly clientId: string;
}

/**
 * Asks the venue for an order by the client's id: over the connection, or by REST when that brings
 * no answer. The venue's time is asked before the order, and so is a time at which the venue
 * certainly had not looked yet.
 */
export async function findOrder(
  caller: ApiCaller,
  { client }: ApiLine,
  wanted: Wanted,
  signal: CancelSignal,
): Promise<Finding> {
  const { symbol, clientId } = wanted;
  const options = { timeoutMs: QUESTION_MS, signal };
  const time = await caller.call(
    { method: "time", weight: WEIGHTS.time, isSigned: false },
    options,
  );
  if (time.kind === "answered") {
    const params = { symbol, origClientOrderId: clientId };
    const request = { method: "order.status", params, weight: WEIGHTS["order.status"] };
    const asked = await caller.call({ ...request, isSigned: true }, options);
    const finding = readStatus(asked, readTime(time.answer));
    if (finding !== undefined) return finding;
  }
  if (time.kind === "refused") throw time.error;
  const asOf = await client.serverTime(signal);
  const order = await client.order(symbol, clientId, signal);
  return order === undefined ? { kind: "notFound", asOf } : statusFinding(order);
}

/** What the account's stream says, and of which client id; `undefined` for what is no order. */
export function heard(
  event: AccountEvent,
): { readonly clientId: string; readonly finding: Finding } | undefined {
  if (event.e !== "executionReport") return undefined;
  // A cancellation has an id of its own, and names the order's beside it.
  const clientId = event.C === "" ? event.c : event.C;
  return { clientId, finding: reportFinding(event) };
}

/** What an answer to `order.place` says, also when it is late. */
export function placedFinding(answer: CallAnswer): Finding {
  if (answer.kind === "refused") {
    return isUncertain(answer.error) ? { kind: "notFound" } : answer;
  }
  if (typeof answer.answer !== "object" || answer.answer === null) return { kind: "notFound" };
  const placed = answer.answer as PlacedOrder;
  return { kind: "placed", order: { from: "answer", orderId: placed.orderId, answer: placed } };
}

/** `undefined` when there was no answer. @throws the venue's refusal to tell */
function readStatus(outcome: CallOutcome<unknown>, asOf: number): Finding | undefined {
  switch (outcome.kind) {
    case "answered":
      return statusFinding(outcome.answer as OrderStatus);
    case "refused":
      if (outcome.error.code === NO_SUCH_ORDER) return { kind: "notFound", asOf };
      throw outcome.error;
    case "didNotLeave":
    case "fateUnknown":
      return undefined;
    default:
      return outcome satisfies never;
  }
}

function statusFinding(order: OrderStatus): Finding {
  const { orderId, status } = order;
  if (status === "REJECTED") return { kind: "refused", error: rejected("no reason is told") };
  return { kind: "placed", order: { from: "query", orderId, order } };
}

function reportFinding(report: ExecutionReport): Finding {
  const { i: orderId, X: status, r: reason } = report;
  if (status === "REJECTED") return { kind: "refused", error: rejected(reason) };
  return { kind: "placed", order: { from: "stream", orderId, report } };
}

function rejected(reason: string): WsError {
  const message = `the venue rejected the order after it had taken it: ${reason}`;
  return new WsError({ kind: "client", code: "ORDER_REJECTED", message });
}
