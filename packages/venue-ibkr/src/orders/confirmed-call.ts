import type { CancelSignal, WsError } from "@oath-ws/contract";
import { WsError as Failure } from "@oath-ws/contract";
import type { CallOutcome, CallContext } from "@oath-ws/venue-kit";
import type { RestRequest } from "../rest/rest-client.js";
import type { SessionKeeper } from "../session/session-keeper.js";
import type { ConfirmOrder, OrderAck, OrderQuestion } from "./order-requests.js";
import { callRest } from "./rest-call.js";

/** Questions about one order after which it is given up. */
const MAX_QUESTIONS = 10;

/**
 * Places or changes an order, and answers the questions that the venue asks about it. The venue
 * takes no order before its last question is confirmed (I-34): one that is declined, or not
 * answered in time, is `refused` here.
 */
export async function confirmedCall(
  session: SessionKeeper,
  request: Pick<RestRequest, "method" | "path" | "body">,
  confirm: ConfirmOrder,
  context: CallContext,
): Promise<CallOutcome<OrderAck>> {
  let outcome = await callRest(session, request, context);
  for (let questions = 0; outcome.kind === "answered"; questions++) {
    const [first] = Array.isArray(outcome.answer) ? (outcome.answer as unknown[]) : [];
    if (isAck(first)) return { kind: "answered", answer: first };
    const question = asQuestion(first);
    if (question === undefined) return { kind: "fateUnknown", error: unreadable() };
    const isConfirmed =
      questions < MAX_QUESTIONS && (await isYes(confirm, question, context.signal));
    if (!isConfirmed) return { kind: "refused", error: declined(question) };
    const path = `/iserver/reply/${encodeURIComponent(question.id)}`;
    outcome = await callRest(session, { method: "POST", path, body: { confirmed: true } }, context);
  }
  return outcome;
}

/** A decision that is not there when the time is over is no confirmation. */
function isYes(
  confirm: ConfirmOrder,
  question: OrderQuestion,
  signal: CancelSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const onAbort = (): void => resolve(false);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
    const decide = async (): Promise<boolean> => confirm(question);
    decide()
      .then((isConfirmed) => resolve(isConfirmed && !signal.aborted), onAbort)
      .finally(() => signal.removeEventListener("abort", onAbort));
  });
}

function isAck(value: unknown): value is OrderAck {
  return (
    typeof value === "object" &&
    value !== null &&
    "order_id" in value &&
    typeof value.order_id === "string"
  );
}

function asQuestion(value: unknown): OrderQuestion | undefined {
  if (typeof value !== "object" || value === null || !("id" in value)) return undefined;
  const { id, message, messageIds } = value as Readonly<Record<string, unknown>>;
  if (typeof id !== "string") return undefined;
  return { id, message: texts(message), messageIds: texts(messageIds) };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function unreadable(): WsError {
  const message = "the venue's answer to an order is neither a confirmation nor a question";
  return new Failure({ kind: "server", code: "ORDER_ANSWER_INVALID", message });
}

function declined({ message: words, messageIds }: OrderQuestion): WsError {
  const message =
    `the order was not placed, because the venue's question was not confirmed: ` +
    `${words.join(" ").slice(0, 500)} (${messageIds.join(", ")})`;
  return new Failure({ kind: "client", code: "QUESTION_UNCONFIRMED", message });
}
