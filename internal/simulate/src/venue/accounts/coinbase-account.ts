import { startCoinbaseSim } from "@oath-ws/sim";
import type { CoinbaseAccount, CoinbaseOrder } from "@oath-ws/sim";
import { SeededRandom } from "@oath-ws/testing";
import { CoinbaseMarket, CoinbaseUser, MessageBudget } from "@oath-ws/venue-coinbase";
import type { UserOrder } from "@oath-ws/venue-coinbase";
import { ed25519Signer } from "@oath-ws/venue-coinbase/node";
import { networkPlatform } from "oath-ws/leaf";
import { Draw } from "../../core/draw.js";
import { demand } from "../../core/violated.js";
import { COINBASE_FAULTS } from "../coinbase-stage.js";
import type { Stage, StageParts } from "../stage.js";
import { stagedTopic } from "../staged-topic.js";
import { recordOf } from "../venue-record.js";
import type { VenueFaultMakers } from "../venue-generator.js";
import { KnownOrders } from "./known-orders.js";
import type { OrderState } from "./known-orders.js";

/** The frames of a connection are numbered, so that a reader can notice all that is lost. */
export const COINBASE_ACCOUNT_FAULTS: VenueFaultMakers = COINBASE_FAULTS;

const PRODUCTS = Array.from({ length: 9 }, (_, i) => `SIM${i}-USD`);

/** More open orders than this are not left: a snapshot then has several batches of 50. */
const MOST_ORDERS = 120;

/** The account's stream, beside eighteen topics of the market on two connections. */
export async function coinbaseAccountStage(parts: StageParts): Promise<Stage> {
  const { seed, venue, runtime, onFault, reach } = parts;
  const sim = await startCoinbaseSim({
    seed,
    host: venue.name,
    platform: networkPlatform(venue),
    products: PRODUCTS,
    accounts: [{ orders: seed % 2 === 0 ? 50 : 7 }],
    market: { auto: false, levels: 5, changesPerStep: 2 },
  });
  const { url, userUrl, restUrl } = sim;
  const account = sim.account();
  const { keyName, privateKey = "" } = account;
  const signer = ed25519Signer({ keyName, privateKey });
  // The venue counts the messages of an address together.
  const shared = { runtime, restUrl, signer, budget: new MessageBudget(), onFault };
  const market = new CoinbaseMarket({ ...shared, url, maxTopicsPerConnection: 9 });
  const topics = PRODUCTS.flatMap((product) =>
    (["market_trades", "ticker"] as const).map((channel) =>
      stagedTopic(market.subscribe(`${channel}:${product}`)),
    ),
  );
  const user = new CoinbaseUser({ ...shared, url: userUrl, futures: true });
  const known = new KnownOrders("account", {
    orders: () => account.orders.map(stateOf),
    isOver: (state) => !state.startsWith("OPEN"),
  });
  const owner = new Owner(account, seed, (order) => known.changed(stateOf(order)));
  let buyingPower: unknown;
  const record = recordOf(sim, ({ subscriptions }) => subscriptions);
  const held = { name: "account", topic: "user", state: user.state };
  return {
    topics,
    books: [],
    others: [held],
    groups: [
      { holds: topics, connections: () => market.connections, record },
      { holds: [held], connections: () => user.connections, record },
    ],
    step: () => {
      sim.market.step();
      owner.act();
    },
    check: (isEnd) => {
      for (let update = user.take(); update !== undefined; update = user.take()) {
        const { data } = update;
        if (data.kind === "futures")
          buyingPower = data.event.fcm_balance_summary["futures_buying_power"];
        else if (data.kind === "orders") known.event(data.orders.map(stateOf));
        else {
          reach(`snapshot ${data.reason}`);
          known.snapshot(data.orders.map(stateOf), user.state.snapshot);
        }
      }
      known.check(user.state.snapshot, isEnd);
      demand(
        !isEnd || buyingPower === owner.buyingPower,
        "a live account equals the venue's",
        () => `buying power: ${String(buyingPower)}, and at the venue ${owner.buyingPower}`,
      );
    },
    apply: (fault) => {
      // Of the market's connections and of the account's in turn.
      sim.faults.apply(fault as never, { endpoint: "all" } as never);
    },
    renew: () => user.resync(),
    sendLimit: { max: 8, windowMs: 1_000, path: "/" },
    broken: () => {
      const { connectViolations, rateViolations, protocolErrors } = sim.stats();
      const broken = { connectViolations, rateViolations, protocolErrors };
      const names = Object.entries(broken).filter(([, count]) => count > 0);
      return names.map(([name, count]) => `${count} ${name}`).join(", ");
    },
    ends: [() => market.shutdown(), () => user.shutdown(), () => sim.close()],
  };
}

/** The owner of the account, who orders, fills and cancels at the venue itself. */
class Owner {
  buyingPower = "100.00";
  readonly #account: CoinbaseAccount;
  readonly #draw: Draw;
  readonly #changed: (order: CoinbaseOrder) => void;

  constructor(account: CoinbaseAccount, seed: number, changed: (order: CoinbaseOrder) => void) {
    this.#account = account;
    this.#draw = new Draw(new SeededRandom(seed).fork());
    this.#changed = changed;
  }

  /** Does one to three things. */
  act(): void {
    for (let left = this.#draw.whole(1, 3); left > 0; left--) this.#actOnce();
  }

  #actOnce(): void {
    const { orders } = this.#account;
    const draw = this.#draw;
    if (orders.length === 0 || (orders.length < MOST_ORDERS && draw.chance(0.55))) {
      const price = String(draw.whole(100, 200));
      const order = { productId: draw.of(PRODUCTS), side: "BUY", price, quantity: "0.5" } as const;
      return this.#changed(this.#account.place(order));
    }
    const { order_id: id } = draw.of(orders);
    if (draw.chance(0.1))
      this.#account.setBuyingPower((this.buyingPower = `${draw.whole(1, 1e6)}`));
    this.#changed(draw.chance(0.5) ? this.#account.fill(id) : this.#account.cancel(id));
  }
}

function stateOf(order: UserOrder | CoinbaseOrder): OrderState {
  return { id: order.order_id, state: `${order.status} ${order.leaves_quantity}` };
}
