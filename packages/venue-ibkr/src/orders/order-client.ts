import type { CancelSignal } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import type { Order } from "../market/payloads.js";
import type { SessionKeeper } from "../session/session-keeper.js";

/**
 * Asks by REST for all orders. The venue wants to be asked for the accounts first, keeps a copy of
 * the orders that it has to be told to renew, and answers once more with what that found: in the
 * pace of one request in five seconds (1.3, `sor`). Rejects like `SessionKeeper.request`.
 */
export async function fetchOrders(
  session: SessionKeeper,
  signal: CancelSignal,
): Promise<readonly Order[]> {
  await session.request({ method: "GET", path: "/iserver/accounts", signal });
  await session.request({ method: "GET", path: "/iserver/account/orders?force=true", signal });
  const answer = await session.request({ method: "GET", path: "/iserver/account/orders", signal });
  const orders =
    typeof answer === "object" && answer !== null && "orders" in answer ? answer.orders : undefined;
  if (!Array.isArray(orders) || !orders.every(isOrder)) {
    throw new WsError({
      kind: "server",
      code: "REST_INVALID",
      message: "the answer to a request for orders holds none",
    });
  }
  return orders;
}

function isOrder(value: unknown): value is Order {
  return (
    typeof value === "object" &&
    value !== null &&
    "orderId" in value &&
    typeof value.orderId === "number"
  );
}
