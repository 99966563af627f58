import { exactText } from "@oath-ws/venue-kit";
import type { Order, OrderEvent, OrderStatus } from "@oath-ws/venue-kit";
import type { UserUpdate } from "../coinbase-user.js";
import type { UserOrder } from "../user/payloads.js";
import { COINBASE } from "./trade-model.js";

const STATUSES: Readonly<Record<string, OrderStatus>> = {
  PENDING: "pending",
  QUEUED: "pending",
  OPEN: "open",
  EDIT_QUEUED: "open",
  CANCEL_QUEUED: "open",
  FILLED: "filled",
  CANCELLED: "cancelled",
  EXPIRED: "expired",
  FAILED: "rejected",
};

/**
 * What an update of the account tells of its orders. The venue tells totals and no single fills,
 * and no time of the change.
 */
export function orderEventsOf(
  update: UserUpdate,
  emit: (event: OrderEvent<UserOrder>) => void,
): void {
  switch (update.kind) {
    case "snapshot": {
      const { orders, reason } = update;
      emit({ kind: "snapshot", venue: COINBASE, orders: orders.map(orderOf), reason });
      break;
    }
    case "orders":
      for (const order of update.orders)
        emit({ kind: "order", venue: COINBASE, order: orderOf(order), fill: undefined });
      break;
    case "futures":
      break;
    default:
      update satisfies never;
  }
}

function orderOf(order: UserOrder): Order<UserOrder> {
  const { order_id, client_order_id, product_id, order_side, order_type, status } = order;
  return {
    venue: COINBASE,
    symbol: product_id,
    timeMs: undefined,
    timeUs: undefined,
    raw: order,
    orderId: order_id,
    clientOrderId: client_order_id === "" ? undefined : client_order_id,
    side: order_side === "BUY" ? "buy" : "sell",
    type: order_type,
    timeInForce: order.time_in_force,
    status: Object.hasOwn(STATUSES, status) ? (STATUSES[status] ?? "unknown") : "unknown",
    venueStatus: status,
    price: exactText(order.limit_price),
    // The quantity that was ordered is not among the fields.
    quantity: undefined,
    filledQuantity: exactText(order.cumulative_quantity),
    remainingQuantity: exactText(order.leaves_quantity),
    averagePrice: exactText(order.avg_price),
  };
}
