import type { AppliedFault, Fault, FaultTarget } from "./fault.js";

type Of<K extends Fault["kind"]> = Omit<Extract<Fault, { kind: K }>, "kind">;

/**
 * The control surface for faults: {@link apply} takes any of them, and each has a method of its
 * own. They act at once, on the market connections unless a target says otherwise.
 */
export interface Faults {
  /** Makes a fault happen now. Throws a `SimOptionError` for one that cannot work. */
  apply(fault: Fault, target?: FaultTarget): AppliedFault;
  /** Answer the next upgrades with an HTTP status. */
  refuse(options: Of<"refuse">): AppliedFault;
  /** Accept the next upgrades and end them at once. */
  acceptThenClose(options?: Of<"accept-then-close">): AppliedFault;
  /** A clean close. */
  closeConnections(code?: number, reason?: string, target?: FaultTarget): AppliedFault;
  /** A TCP reset. */
  dropConnections(target?: FaultTarget): AppliedFault;
  /** Existing sockets fall silent and deaf and stay open, for good; later ones are healthy. */
  halfOpen(target?: FaultTarget): AppliedFault;
  /** No text frames for so many venue ms, or until `unmute`; pings and pongs go on. */
  mute(forMs?: number, target?: FaultTarget): AppliedFault;
  unmute(target?: FaultTarget): AppliedFault;
  /** No reading or writing for so many venue ms; nothing is lost. */
  stall(forMs: number, target?: FaultTarget): AppliedFault;
  /** Goes on sending and reads nothing, for so many venue ms or until `clear`. */
  stopReading(forMs?: number, target?: FaultTarget): AppliedFault;
  /** Bytes per real second; `undefined` lifts the limit. */
  throttle(bytesPerSecond: number | undefined, target?: FaultTarget): AppliedFault;
  /** Lose the next events of each connection. */
  drop(count?: number, target?: FaultTarget): AppliedFault;
  /** Lose the next answers. */
  dropReplies(count?: number, target?: FaultTarget): AppliedFault;
  /** Send the next events twice. */
  duplicate(count?: number, target?: FaultTarget): AppliedFault;
  /** Swap the next two events, so many times. */
  reorder(count?: number, target?: FaultTarget): AppliedFault;
  /** Leave a hole in the ids of every numbered stream. */
  gap(options?: Of<"gap">): AppliedFault;
  /** One frame of so many bytes. */
  oversized(bytes?: number, target?: FaultTarget): AppliedFault;
  /** One text frame that is not UTF-8. */
  badUtf8(target?: FaultTarget): AppliedFault;
  /** Every text message in so many frames; 1 ends it. */
  fragment(pieces: number, target?: FaultTarget): AppliedFault;
  /** Never answer a close frame. */
  ignoreClose(target?: FaultTarget): AppliedFault;
  /** The 24 h cut, now. */
  expire(target?: FaultTarget): AppliedFault;
  /** The `serverShutdown` event, then the disconnect. */
  serverShutdown(closeAfterMs?: number, target?: FaultTarget): AppliedFault;
  /** Ban an IP, or all that are connected. */
  ban(options?: Of<"ban">): AppliedFault;
  unban(address?: string): AppliedFault;
  /**
   * Extra, consecutive trade events until every connection that follows trades got so many frames
   * more.
   */
  burst(frames: number, target?: FaultTarget): AppliedFault;
  /** Answer the next REST depth requests of each symbol with the book as it is now. */
  staleDepth(count?: number): AppliedFault;
  /** Answer the next REST requests for old trades badly. */
  oldTrades(options: Of<"old-trades">): AppliedFault;
  /** Revoke an account's key. */
  revokeKey(apiKey?: string): AppliedFault;
  /** Answer the next requests with an error. */
  answerErrors(options?: Of<"answer-errors">, target?: FaultTarget): AppliedFault;
  /** End all user data subscriptions, and the next so many as soon as they are confirmed. */
  terminateUserData(count?: number): AppliedFault;
  /** 403 for upgrades and REST, for so many venue ms. */
  firewall(forMs?: number): AppliedFault;
  /** What goes wrong with the next orders that are placed. */
  orderTrouble(options: Of<"order-trouble">): AppliedFault;
  /** Back to normal; half-open sockets stay as they are. */
  clear(): AppliedFault;
}

/** The methods of {@link Faults} over a single `apply`. */
export function faultMethods(apply: (fault: Fault, target?: FaultTarget) => AppliedFault): Faults {
  const count = (value: number | undefined): { count?: number } =>
    value === undefined ? {} : { count: value };
  const lasting = (forMs: number | undefined): { forMs?: number } =>
    forMs === undefined ? {} : { forMs };
  return {
    apply,
    refuse: (options) => apply({ kind: "refuse", ...options }),
    acceptThenClose: (options = {}) => apply({ kind: "accept-then-close", ...options }),
    closeConnections: (code = 1000, reason = "", target) =>
      apply({ kind: "close", code, reason }, target),
    dropConnections: (target) => apply({ kind: "reset" }, target),
    halfOpen: (target) => apply({ kind: "half-open" }, target),
    mute: (forMs, target) =>
      apply(forMs === undefined ? { kind: "mute" } : { kind: "mute", forMs }, target),
    unmute: (target) => apply({ kind: "unmute" }, target),
    stall: (forMs, target) => apply({ kind: "stall", forMs }, target),
    throttle: (rate, target) =>
      apply(
        rate === undefined ? { kind: "throttle" } : { kind: "throttle", bytesPerSecond: rate },
        target,
      ),
    drop: (times, target) => apply({ kind: "drop", ...count(times) }, target),
    dropReplies: (times, target) => apply({ kind: "drop-replies", ...count(times) }, target),
    duplicate: (times, target) => apply({ kind: "duplicate", ...count(times) }, target),
    reorder: (times, target) => apply({ kind: "reorder", ...count(times) }, target),
    gap: (options = {}) => apply({ kind: "gap", ...options }),
    oversized: (bytes, target) =>
      apply(bytes === undefined ? { kind: "oversized" } : { kind: "oversized", bytes }, target),
    badUtf8: (target) => apply({ kind: "bad-utf8" }, target),
    fragment: (pieces, target) => apply({ kind: "fragment", pieces }, target),
    ignoreClose: (target) => apply({ kind: "ignore-close" }, target),
    expire: (target) => apply({ kind: "expire" }, target),
    serverShutdown: (closeAfterMs, target) =>
      apply(
        closeAfterMs === undefined
          ? { kind: "server-shutdown" }
          : { kind: "server-shutdown", closeAfterMs },
        target,
      ),
    ban: (options = {}) => apply({ kind: "ban", ...options }),
    unban: (address) =>
      apply(address === undefined ? { kind: "unban" } : { kind: "unban", address }),
    burst: (frames, target) => apply({ kind: "burst", frames }, target),
    staleDepth: (times) => apply({ kind: "stale-depth", ...count(times) }),
    oldTrades: (options) => apply({ kind: "old-trades", ...options }),
    revokeKey: (apiKey) =>
      apply(apiKey === undefined ? { kind: "revoke-key" } : { kind: "revoke-key", apiKey }),
    stopReading: (forMs, target) => apply({ kind: "stop-reading", ...lasting(forMs) }, target),
    answerErrors: (options = {}, target) => apply({ kind: "answer-errors", ...options }, target),
    terminateUserData: (times) => apply({ kind: "terminate-user-data", ...count(times) }),
    firewall: (forMs) => apply({ kind: "firewall", ...lasting(forMs) }),
    orderTrouble: (options) => apply({ kind: "order-trouble", ...options }),
    clear: () => apply({ kind: "clear" }, { endpoint: "all" }),
  };
}
