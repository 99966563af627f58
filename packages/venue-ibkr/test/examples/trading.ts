import type { IbkrClient, SessionKeeper } from "@oath-ws/venue-ibkr";
import { IbkrTrading } from "@oath-ws/venue-ibkr";
import { nodeRuntime as runtime } from "oath-ws";

declare const session: SessionKeeper;
declare const client: IbkrClient;

// #region trading
const trading = new IbkrTrading({
  runtime,
  session,
  client, // its `sor` topic helps to find out what became of an order
  accountId: "U1234567",
  confirm: ({ messageIds }) => messageIds.every((id) => id === "o163"), // the venue's questions
});
const outcome = await trading.place({
  conid: 265_598,
  side: "BUY",
  orderType: "LMT",
  tif: "DAY",
  quantity: 10,
  price: 180,
});
if (outcome.kind === "fateUnknown") console.log(outcome.clientId, await outcome.resolution);
// #endregion
