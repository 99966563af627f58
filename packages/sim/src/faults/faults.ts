import type { AppliedFault, Fault, FaultTarget, Kinded, Of as Carried } from "./fault.js";

type Of<K extends Fault["kind"]> = Carried<Fault, K>;

/**
 * The methods of {@link Faults} that make faults of these kinds happen: `serverShutdown` for
 * `server-shutdown`.
 */
export type MethodOf<Kind extends string> = Kind extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<MethodOf<Rest>>}`
  : Kind;

/** Makes a fault from its kind and its fields; a field that is `undefined` counts as absent. */
type Make<F extends Kinded, T, Applied> = <K extends F["kind"]>(
  kind: K,
  fields?: { readonly [P in keyof Carried<F, K>]: Carried<F, K>[P] | undefined },
  target?: T,
) => Applied;

/** The short form of an `apply` that checks what it is given. */
export function making<F extends Kinded, T, Applied>(
  apply: (fault: F, target?: T) => Applied,
): Make<F, T, Applied> {
  return (kind, fields, target) => apply({ kind, ...fields } as unknown as F, target);
}

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
  /** A clean close: the kind `close`. Default code 1000. */
  closeConnections(code?: number, reason?: string, target?: FaultTarget): AppliedFault;
  /** A TCP reset: the kind `reset`. */
  dropConnections(target?: FaultTarget): AppliedFault;
  /** Existing sockets fall silent and deaf and stay open, for good; later ones are healthy. */
  halfOpen(target?: FaultTarget): AppliedFault;
  /** No text frames for so many venue ms, or until `unmute`; pings and pongs go on. */
  mute(forMs?: number, target?: FaultTarget): AppliedFault;
  /** Ends `mute`. */
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
  /** Ends the ban of an address, or every ban. */
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
  const make = making(apply);
  return {
    apply,
    refuse: (options) => make("refuse", options),
    acceptThenClose: (options) => make("accept-then-close", options),
    closeConnections: (code = 1000, reason = "", target) => make("close", { code, reason }, target),
    dropConnections: (target) => make("reset", {}, target),
    halfOpen: (target) => make("half-open", {}, target),
    mute: (forMs, target) => make("mute", { forMs }, target),
    unmute: (target) => make("unmute", {}, target),
    stall: (forMs, target) => make("stall", { forMs }, target),
    stopReading: (forMs, target) => make("stop-reading", { forMs }, target),
    throttle: (bytesPerSecond, target) => make("throttle", { bytesPerSecond }, target),
    drop: (count, target) => make("drop", { count }, target),
    dropReplies: (count, target) => make("drop-replies", { count }, target),
    duplicate: (count, target) => make("duplicate", { count }, target),
    reorder: (count, target) => make("reorder", { count }, target),
    gap: (options) => make("gap", options),
    oversized: (bytes, target) => make("oversized", { bytes }, target),
    badUtf8: (target) => make("bad-utf8", {}, target),
    fragment: (pieces, target) => make("fragment", { pieces }, target),
    ignoreClose: (target) => make("ignore-close", {}, target),
    expire: (target) => make("expire", {}, target),
    serverShutdown: (closeAfterMs, target) => make("server-shutdown", { closeAfterMs }, target),
    ban: (options) => make("ban", options),
    unban: (address) => make("unban", { address }),
    burst: (frames, target) => make("burst", { frames }, target),
    staleDepth: (count) => make("stale-depth", { count }),
    oldTrades: (options) => make("old-trades", options),
    revokeKey: (apiKey) => make("revoke-key", { apiKey }),
    answerErrors: (options, target) => make("answer-errors", options, target),
    terminateUserData: (count) => make("terminate-user-data", { count }),
    firewall: (forMs) => make("firewall", { forMs }),
    orderTrouble: (options) => make("order-trouble", options),
    clear: () => make("clear", {}, { endpoint: "all" }),
  };
}
