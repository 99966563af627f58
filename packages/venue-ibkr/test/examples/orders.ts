import type { IbkrClient, Order } from "@oath-ws/venue-ibkr";

declare const client: IbkrClient;

// #region orders
const books = new Map<number, Order>();
for await (const { data } of client.orderStream()) {
  if (data.kind === "snapshot") books.clear(); // after every break, before anything else
  for (const order of data.orders) books.set(order.orderId, order);
}
// #endregion
