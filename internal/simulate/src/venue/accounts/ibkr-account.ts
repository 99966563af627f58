import { startIbkrSim } from "@oath-ws/sim";
import type { IbkrOrder, IbkrSim } from "@oath-ws/sim";
import { SeededRandom } from "@oath-ws/testing";
import { IbkrClient, IbkrTrading, SessionKeeper } from "@oath-ws/venue-ibkr";
import type { Order, OrderStream } from "@oath-ws/venue-ibkr";
import { networkPlatform } from "oath-ws/leaf";
import { Draw } from "../../core/draw.js";
import { IBKR_FAULTS, SESSION_ENDS } from "../ibkr-stage.js";
import { OrderAudit } from "../order-audit.js";
import type { Held, Stage, StagedTopic, StageParts } from "../stage.js";
import { stagedTopic } from "../staged-topic.js";
import { recordOf } from "../venue-record.js";
import { COMMON_FAULTS } from "../venue-generator.js";
import type { VenueFaultMakers } from "../venue-generator.js";
import { ACCOUNT_FAULTS } from "../accounts-stage.js";
import { KnownOrders } from "./known-orders.js";
import type { OrderState } from "./known-orders.js";

const OWN_FAULTS = Object.entries(IBKR_FAULTS).filter(
  // A stray byte may change a word of an order, which nothing shows.
  ([kind]) => !(kind in COMMON_FAULTS) && kind !== "stray-byte",
);

/** As of the accounts of Binance: nothing numbers the events of an account here either. */
export const IBKR_ACCOUNT_FAULTS: VenueFaultMakers = {
  ...Object.fromEntries(Object.entries(ACCOUNT_FAULTS).filter(([kind]) => kind in COMMON_FAULTS)),
  ...Object.fromEntries(OWN_FAULTS),
  "order-trouble": ACCOUNT_FAULTS["order-trouble"] ?? (() => ({})),
};

/** A gateway carries one session and one connection, so there are three. */
const GATEWAYS = 3;
const CONTRACTS = [265_598, 8_314, 1_001, 1_002, 1_003, 1_004];
const [CONID = 0] = CONTRACTS;

interface Desk {
  readonly sim: IbkrSim;
  readonly session: SessionKeeper;
  readonly client: IbkrClient;
  readonly topics: readonly StagedTopic[];
  readonly stream: OrderStream;
  readonly held: Held;
  readonly trading: IbkrTrading;
  readonly known: KnownOrders;
  readonly orders: OrderAudit;
}

/** Three gateways, each with six contracts, the account's orders and its own calls. */
export async function ibkrAccountStage(parts: StageParts): Promise<Stage> {
  const desks: Desk[] = [];
  for (let i = 0; i < GATEWAYS; i++) desks.push(await deskOf(parts, i));
  const draw = new Draw(new SeededRandom(parts.seed).fork());
  let acted = 0;
  return {
    topics: desks.flatMap(({ topics }) => topics),
    books: [],
    others: desks.map(({ held }) => held),
    groups: desks.map(({ sim, client, topics, held }) => ({
      holds: [...topics, held],
      connections: () => client.connections,
      // The gateway says nothing when it has subscribed orders (I-4).
      unanswered: new Set(["sor"]),
      record: recordOf(sim, ({ subscriptions }) => subscriptions, SESSION_ENDS),
    })),
    step: () => {
      for (const { sim } of desks) sim.market.step();
      actOnce(draw.of(desks), draw);
    },
    act: () => desks[acted++ % GATEWAYS]?.orders.place(),
    check: (isEnd) => {
      for (const desk of desks) look(desk, parts, isEnd);
    },
    apply: (fault) => {
      for (const { sim } of desks) sim.faults.apply(fault as never);
    },
    renew: () => desks[0]?.stream.reconcile(),
    sendLimit: { max: 25, windowMs: 1_000, path: "/" },
    broken: () =>
      desks
        .map(({ sim }) => sim.stats())
        .filter(({ pacingViolations, protocolErrors }) => pacingViolations + protocolErrors > 0)
        .map(({ pacingViolations: count }) => `${count} requests too many`)
        .join(", "),
    ends: [
      () => ending(desks, ({ trading }) => trading.shutdown()),
      () => ending(desks, ({ client }) => client.shutdown()),
      () => ending(desks, ({ session }) => session.shutdown()),
      () => ending(desks, ({ sim }) => sim.close()),
    ],
  };
}

async function deskOf(parts: StageParts, index: number): Promise<Desk> {
  const { seed, venue, runtime, onFault, reach } = parts;
  const sim = await startIbkrSim({
    seed: seed + index,
    host: venue.name,
    platform: networkPlatform(venue),
    market: { auto: false },
    wire: { orderQuestions: index, orderSnapshot: index === 1 },
  });
  const { account } = sim;
  const session = new SessionKeeper({ runtime, restUrl: sim.url });
  const client = new IbkrClient({ runtime, session, url: sim.wsUrl, onFault });
  const topics = CONTRACTS.map((conid) =>
    stagedTopic(client.subscribe(`smd+${conid}`), `${index}:`),
  );
  const stream = client.orderStream();
  const trading = new IbkrTrading({
    runtime,
    session,
    client,
    accountId: account.id,
    confirm: () => true,
    onFault,
  });
  const known = new KnownOrders(`orders ${index}`, {
    orders: () => account.orders.map(stateOf),
    isOver: () => false,
  });
  const orders = new OrderAudit(
    {
      newClientId: () => trading.newClientId(),
      place: (cOID) => trading.place({ ...ORDER, cOID }),
      clientIds: () => account.orders.map(({ order_ref: ref }) => ref),
    },
    reach,
  );
  const held = { name: `orders ${index}`, topic: "sor", state: stream.state };
  return { sim, session, client, topics, stream, held, trading, known, orders };
}

const ORDER = {
  conid: CONID,
  side: "BUY",
  orderType: "LMT",
  tif: "DAY",
  quantity: 10,
  price: 100,
} as const;

/** Reads what waits, and compares. */
function look(desk: Desk, { reach }: StageParts, isEnd: boolean): void {
  const { stream, known, orders } = desk;
  for (let update = stream.take(); update !== undefined; update = stream.take()) {
    const { data } = update;
    if (data.kind === "orders") known.event(data.orders.map(stateOf));
    else {
      reach(`snapshot ${data.reason}`);
      known.snapshot(data.orders.map(stateOf), stream.state.snapshot);
    }
  }
  known.check(stream.state.snapshot, isEnd);
  if (isEnd) orders.checkEnd();
}

/** The owner of an account orders, fills, changes or cancels at the venue itself. */
function actOnce({ sim: { account }, known }: Desk, draw: Draw): void {
  const open = account.orders.filter(({ status }) => status === "Submitted");
  if (open.length === 0 || draw.chance(0.3)) {
    const order = { conid: CONID, side: "SELL", quantity: draw.whole(1, 9), price: 90 } as const;
    return known.changed(stateOf(account.placeOrder(order)));
  }
  const { orderId, remainingQuantity, filledQuantity } = draw.of(open);
  const what = draw.of(["fill", "cancel", "change"]);
  if (what === "fill") account.fillOrder(orderId, { quantity: draw.whole(1, remainingQuantity) });
  else if (what === "cancel") account.cancelOrder(orderId);
  else account.changeOrder(orderId, { quantity: filledQuantity + draw.whole(1, 20) });
  const now = account.orders.find((one) => one.orderId === orderId);
  if (now !== undefined) known.changed(stateOf(now));
}

function stateOf(order: Order | IbkrOrder): OrderState {
  const { orderId, status, filledQuantity, totalSize } = order;
  return { id: String(orderId), state: `${status} ${filledQuantity}/${totalSize}` };
}

async function ending(desks: readonly Desk[], end: (desk: Desk) => Promise<void>): Promise<void> {
  await Promise.all(desks.map(end));
}
