// Faults of the accounts of Coinbase and IBKR, and of the orders that are sent to IBKR.

/** @type {readonly import("./faults.js").Fault[]} */
export const ACCOUNTS = [
  {
    name: "snapshot-ends-with-a-batch",
    what: "The account's orders are complete with the first batch, although more follow.",
    half: "accounts",
    changes: [
      {
        file: "packages/venue-coinbase/src/user/order-snapshot.ts",
        find: "return orders.length >= ORDERS_PER_BATCH ? HELD : this.#complete();",
        put: "return orders.length > ORDERS_PER_BATCH ? HELD : this.#complete();",
      },
    ],
  },
  {
    name: "order-fate-guessed",
    what: "An order that was not answered in time is told as one that did not leave.",
    half: "accounts",
    changes: [
      {
        file: "packages/venue-ibkr/src/orders/rest-call.ts",
        find: "if (!left || isUnsent(error))",
        put: 'if (!left || isUnsent(error) || error.kind === "timeout")',
      },
    ],
  },
  {
    name: "answer-behind-a-close-lost",
    what: "The end of a connection ends calls whose answers wait to be read.",
    half: "accounts",
    changes: [
      {
        file: "packages/venue-kit/src/connection/queries.ts",
        find: 'if (context === undefined || stage === "leaving") this.#end(id);',
        put: 'if (context === undefined || stage !== "late") this.#end(id);',
      },
    ],
  },
  {
    name: "account-live-unsubscribed",
    what: "An account is logged in when its subscription was sent, whatever the venue answers.",
    half: "accounts",
    changes: [
      {
        file: "packages/venue-binance/src/user-data/user-data-login.ts",
        find: 'await request(ask, "userDataStream.subscribe.signature", await this.#signed());',
        put:
          'void request(ask, "userDataStream.subscribe.signature", await this.#signed())' +
          ".catch(() => undefined);",
      },
    ],
  },
  {
    name: "orders-outlive-session",
    what: "Orders count as a topic that needs no session.",
    half: "accounts",
    changes: [
      {
        file: "packages/venue-ibkr/src/ibkr-client.ts",
        find: "needsLogin: (topic) => rulesOf(topic).session,",
        put: 'needsLogin: (topic) => topic !== "sor" && rulesOf(topic).session,',
      },
    ],
  },
  {
    name: "order-change-left-out",
    what: "A change of an order that does not change its status is not merged.",
    half: "accounts",
    changes: [
      {
        file: "packages/venue-ibkr/src/orders/order-table.ts",
        find: "      if (this.#isOld(change)) continue;",
        put: "      if (this.#isOld(change) || change.status === undefined) continue;",
      },
    ],
  },
];
