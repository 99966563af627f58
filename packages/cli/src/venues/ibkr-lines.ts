import type {
  Bar,
  IbkrPayload,
  Order,
  OrderUpdate,
  PayloadByKind,
  SummaryEvent,
  TopicKind,
  Trade,
} from "@oath-ws/venue-ibkr";
import { count } from "./count.js";

/** What an event of a topic says, for people, in one line. Amounts stay the venue's strings. */
export function topicLine(kind: TopicKind, data: IbkrPayload): string {
  // The kind decides the payload; the compiler cannot follow the pair.
  return (LINES[kind] as (data: IbkrPayload) => string)(data);
}

/** What became of the account's orders. */
export function orderLine(update: OrderUpdate): string {
  switch (update.kind) {
    case "snapshot":
      return `${count(update.orders.length, "order")} (${update.reason})`;
    case "orders":
      return update.orders.map(order).join("; ");
    default:
      return update satisfies never;
  }
}

const LINES: { readonly [Kind in TopicKind]: (data: PayloadByKind[Kind]) => string } = {
  smd: ({ last, lastKind, bid, bidSize, ask, askSize, symbol, timeliness }) =>
    words(
      symbol,
      `last ${last ?? "none"}` +
        (lastKind === undefined || lastKind === "traded" ? " " : ` (${lastKind}) `),
      `bid ${at(bidSize, bid)} `,
      `ask ${at(askSize, ask)}`,
      timeliness === undefined || timeliness === "realtime" ? undefined : ` ${timeliness}`,
    ),
  smh: ({ symbol, data }) => {
    const bar = data.at(-1);
    const newest = bar === undefined ? ["none"] : Object.entries(BAR).map(part(bar));
    return words(symbol, `${count(data.length, "bar")}, newest`, ...newest);
  },
  sor: ({ orders }) => orders.map(order).join("; "),
  str: ({ added, updated }) =>
    [...added.map(trade), ...updated.map((each) => `${trade(each)} (more known)`)].join("; "),
  spl: (rows) =>
    Object.entries(rows)
      .map(([name, { dpl, upl, nl }]) =>
        words(name, `day ${dpl ?? "?"} unrealised ${upl ?? "?"} net ${nl ?? "?"}`),
      )
      .join("; "),
  ssd: (summary) => rows(summary),
  sld: (summary) => rows(summary),
  sbd: ({ data }) => `${count(data.length, "row")} of the ladder`,
  act: ({ accounts = [], selectedAccount }) =>
    `${count(accounts.length, "account")}, selected ${selectedAccount ?? "none"}`,
  sts: ({ authenticated, competing }) =>
    `authenticated ${String(authenticated)}, competing ${String(competing ?? false)}`,
  ntf: ({ id, title, text }) => words(id, title, text),
  blt: ({ id, message }) => words(id, message),
  system: (event) =>
    event.kind === "greeting" ? `greets ${event.username}` : `beat ${event.venueTime}`,
};

/** What is shown of a bar, as far as it has it. */
const BAR = { open: "o", high: "h", low: "l", close: "c", volume: "v" } as const;

function part(bar: Bar): (shown: readonly [string, keyof Bar]) => string | undefined {
  return ([name, member]) => (bar[member] === undefined ? undefined : `${name} ${bar[member]}`);
}

/** Rows of a summary that are shown. */
const SHOWN = 3;

function rows({ rows: all }: SummaryEvent): string {
  const shown = all.slice(0, SHOWN).map(({ key, currency, monetaryValue, cashbalance }) => {
    return words(key, text(monetaryValue ?? cashbalance), text(currency));
  });
  const more = all.length > SHOWN ? [`and ${all.length - SHOWN} more`] : [];
  return `${count(all.length, "row")}: ${[...shown, ...more].join("; ")}`;
}

function order({ orderId, side, ticker, filledQuantity, totalSize, price, status }: Order): string {
  const filled = `${filledQuantity ?? "?"} of ${totalSize ?? "?"} filled`;
  return words(
    orderId,
    side,
    ticker,
    price === undefined ? undefined : `@ ${price}`,
    status,
    filled,
  );
}

function trade({ execution_id, side, size, symbol, price, commission }: Trade): string {
  const taken = side === "B" ? "buy" : side === "S" ? "sell" : side;
  return words(
    taken,
    size,
    symbol,
    `@ ${price ?? "?"}`,
    commission === undefined ? undefined : `commission ${commission}`,
    execution_id,
  );
}

function at(size: string | undefined, price: string | undefined): string {
  return price === undefined ? "none" : words(size, "@", price);
}

function words(...parts: readonly (string | number | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(" ");
}

function text(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
