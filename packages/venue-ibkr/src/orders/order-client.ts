import type { CancelSignal, Timer } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import type { Order } from "../market/payloads.js";
import type { SessionKeeper } from "../session/session-keeper.js";

const ORDERS = "/iserver/account/orders";

/**
 * Pauses before the orders are asked for again while the venue collects them, in milliseconds; the
 * pace of that path comes on top. After the last one the try fails.
 */
const AGAIN_AFTER_MS: readonly number[] = [1_000, 2_000, 4_000, 8_000];

/**
 * Asks by REST for all orders. The venue wants to be asked for the accounts first, keeps a copy of
 * the orders that it has to be told to renew, and answers once more with what that found: in the
 * pace of one request in five seconds (I-28). While it collects them it says that there are
 * none, with `"snapshot":false`: then it is asked again, five times at most. Rejects like
 * `SessionKeeper.request`, and with `ORDERS_NOT_READY`.
 */
export async function fetchOrders(
  session: SessionKeeper,
  timer: Timer,
  signal: CancelSignal,
): Promise<readonly Order[]> {
  const ask = async (path: string): Promise<unknown> =>
    await session.request({ method: "GET", path, signal });
  await ask("/iserver/accounts");
  await ask(`${ORDERS}?force=true`);
  for (const pauseMs of [0, ...AGAIN_AFTER_MS]) {
    if (pauseMs > 0) await pause(timer, pauseMs, signal);
    const orders = readOrders(await ask(ORDERS));
    if (orders !== undefined) return orders;
  }
  throw new WsError({
    kind: "server",
    code: "ORDERS_NOT_READY",
    message: "the venue is still collecting the account's orders; they are asked for again",
  });
}

/** The orders in an answer; `undefined` while the venue collects them. @throws WsError */
function readOrders(answer: unknown): readonly Order[] | undefined {
  const body = typeof answer === "object" && answer !== null ? answer : {};
  const orders = "orders" in body ? body.orders : undefined;
  if (!Array.isArray(orders) || !orders.every(isOrder)) {
    throw new WsError({
      kind: "server",
      code: "REST_INVALID",
      message: "the answer to a request for orders holds none",
    });
  }
  // With orders in it `false` can stand as well.
  const isCollecting = orders.length === 0 && "snapshot" in body && body.snapshot === false;
  return isCollecting ? undefined : orders;
}

function isOrder(value: unknown): value is Order {
  return (
    typeof value === "object" &&
    value !== null &&
    "orderId" in value &&
    typeof value.orderId === "number"
  );
}

/** Rejects with the signal's reason when it fires before the time is over. */
function pause(timer: Timer, ms: number, signal: CancelSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = timer.schedule(ms, () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
  });
}
