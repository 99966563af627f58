import type { VenueClock } from "../clock.js";
import { WaitingFaults } from "../faults/waiting-faults.js";
import { LimitByKey } from "../rules/limit-by-key.js";
import type { SimAccount } from "./account.js";
import { type Channel, CHANNELS, isChannel, USER_ENDPOINT_CHANNELS } from "./channels.js";
import type { CoinbaseFault } from "./coinbase-fault.js";
import type { CoinbaseJournal } from "./journal.js";
import { checkJwt, type JwtVerdict } from "./jwt.js";
import type { CoinbasePeer } from "./peer.js";
import type { CoinbaseSettings } from "./resolve-options.js";

/** What a desk needs. */
export interface RequestDeskParts {
  readonly settings: CoinbaseSettings;
  readonly clock: VenueClock;
  readonly journal: CoinbaseJournal;
  readonly accounts: readonly SimAccount[];
  isProduct(id: string): boolean;
  /** The product that a name stands for. */
  canonical(id: string): string;
  /** Sends what a new subscription begins with. */
  snapshot(peer: CoinbasePeer, channel: Channel, products: readonly string[]): void;
}

type Ignoring = Extract<CoinbaseFault, { kind: "ignore-requests" }>;
type Refusing = Extract<CoinbaseFault, { kind: "refuse-requests" }>;

interface Request {
  readonly type: string;
  readonly channel: string;
  readonly productIds: readonly string[];
  readonly jwt: string | undefined;
}

const AUTH = "authentication failure";
const FAILED = "failure to subscribe";

/** Reads the requests of all connections, decides about them, and carries them out. */
export class RequestDesk {
  readonly #parts: RequestDeskParts;
  readonly #rates: LimitByKey;
  readonly #nonces: Set<string> = new Set();
  /**
   * Requests that change nothing. They are acknowledged with the set as it is, or not at all.
   */
  readonly #ignoring: WaitingFaults<Ignoring> = new WaitingFaults();
  readonly #refusals: WaitingFaults<Refusing> = new WaitingFaults();

  constructor(parts: RequestDeskParts) {
    this.#parts = parts;
    const { messages, messageWindowMs, slackMs } = parts.settings.limits;
    this.#rates = new LimitByKey(messages, messageWindowMs, slackMs);
  }

  /** Lets a fault wait for the next requests. */
  add(fault: Ignoring | Refusing): void {
    if (fault.kind === "ignore-requests") this.#ignoring.add(fault, fault.count ?? 1);
    else this.#refusals.add(fault, fault.count ?? 1);
  }

  /** Forgets the faults that wait. */
  clear(): void {
    this.#refusals.clear();
    this.#ignoring.clear();
  }

  handle(peer: CoinbasePeer, text: string): void {
    const request = parse(text);
    const verdict = request?.jwt === undefined ? undefined : this.#checkJwt(request.jwt);
    const error = request === undefined ? FAILED : this.#fault(peer, request, verdict);
    this.#parts.journal.request({
      at: this.#parts.clock.now(),
      connection: peer.id,
      type: request?.type ?? "",
      channel: request?.channel ?? "",
      productIds: request?.productIds ?? [],
      nonce: verdict?.nonce,
      error,
    });
    if (error !== undefined || request === undefined) {
      peer.refuse(error ?? FAILED);
      return;
    }
    const channel = request.channel as Channel;
    if (verdict?.kind === "good") peer.account = verdict.key;
    const ignoring = this.#ignoring.take(
      (one) => one.type === request.type && (one.channel ?? channel) === channel,
    );
    if (ignoring !== undefined) {
      if (ignoring.answered !== false) this.#acknowledge(peer);
      return;
    }
    if (request.type === "subscribe") this.#subscribe(peer, channel, request.productIds);
    else this.#unsubscribe(peer, channel, request.productIds);
    this.#parts.journal.changed();
  }

  /** What is wrong with a request, as the venue says it; `undefined` when it is carried out. */
  #fault(
    peer: CoinbasePeer,
    request: Request,
    verdict: JwtVerdict<SimAccount> | undefined,
  ): string | undefined {
    const { settings, journal, clock } = this.#parts;
    const scripted = this.#refusals.take(
      (one) => one.channel === undefined || one.channel === request.channel,
    );
    if (scripted !== undefined) return scripted.message;
    if (verdict?.kind !== "good" && !this.#rates.admit(peer.address, clock.now())) {
      journal.count("rateViolations");
      return "rate limit exceeded";
    }
    if (verdict?.kind === "bad") return AUTH;
    const { channel, productIds, type } = request;
    // An unknown channel is answered like a bad key.
    if (!isChannel(channel)) return AUTH;
    if (verdict === undefined && (CHANNELS[channel].isPrivate || settings.requireJwt)) return AUTH;
    if (peer.endpoint === "user" && !USER_ENDPOINT_CHANNELS.has(channel)) return FAILED;
    if (type !== "subscribe" && type !== "unsubscribe") return FAILED;
    if (type === "unsubscribe") return undefined;
    const { products: needsProducts } = CHANNELS[channel];
    if (needsProducts && productIds.length === 0) return FAILED;
    const known = this.#known(productIds);
    if (known.length < productIds.length && settings.wire.unknownProducts === "refuse")
      return FAILED;
    return channel === "level2" ? this.#level2Fault(peer, known) : undefined;
  }

  #known(productIds: readonly string[]): readonly string[] {
    const parts = this.#parts;
    return productIds.filter((id) => parts.isProduct(parts.canonical(id)));
  }

  #level2Fault(peer: CoinbasePeer, productIds: readonly string[]): string | undefined {
    const { limits, wire } = this.#parts.settings;
    const all = new Set([
      ...(peer.channels.get("level2")?.keys() ?? []),
      ...productIds.map((id) => this.#parts.canonical(id)),
    ]);
    if (all.size <= limits.level2Products) return undefined;
    // After the error, which is sent by the part that asked.
    if (wire.closeOnTooManyLevel2) peer.after(0, () => peer.expelTooManyLevel2());
    return "too many L2 streams requested in a single session";
  }

  #checkJwt(token: string): JwtVerdict<SimAccount> {
    const { accounts, clock, settings } = this.#parts;
    const verdict = checkJwt(
      token,
      accounts.filter(({ revoked }) => !revoked),
      clock.wallNow(),
      settings.limits.jwtLifetimeMs,
    );
    if (verdict.kind === "bad") return verdict;
    if (settings.wire.uniqueNonces && this.#nonces.has(verdict.nonce))
      return { kind: "bad", problem: "the nonce was used before", nonce: verdict.nonce };
    this.#nonces.add(verdict.nonce);
    return verdict;
  }

  #subscribe(peer: CoinbasePeer, channel: Channel, productIds: readonly string[]): void {
    peer.subscribed();
    const held = peer.channels.get(channel) ?? new Map<string, string>();
    const asked = CHANNELS[channel].products ? this.#known(productIds) : [channel];
    const fresh: string[] = [];
    for (const name of asked) {
      const id = CHANNELS[channel].products ? this.#parts.canonical(name) : name;
      // What is held already brings no new snapshot (C-16).
      if (!held.has(id) || this.#parts.settings.wire.snapshotOnResubscribe) fresh.push(id);
      held.set(id, name);
    }
    const isAckFirst = channel === "heartbeats" || this.#parts.settings.wire.acks === "ack-first";
    if (held.size > 0) peer.channels.set(channel, held);
    if (isAckFirst) this.#acknowledge(peer);
    if (fresh.length > 0) this.#parts.snapshot(peer, channel, fresh);
    if (!isAckFirst) this.#acknowledge(peer);
  }

  #unsubscribe(peer: CoinbasePeer, channel: Channel, productIds: readonly string[]): void {
    const held = peer.channels.get(channel);
    if (productIds.length === 0) held?.clear();
    for (const name of productIds) held?.delete(this.#parts.canonical(name));
    if (held?.size === 0) peer.channels.delete(channel);
    this.#acknowledge(peer);
  }

  #acknowledge(peer: CoinbasePeer): void {
    const { wire } = this.#parts.settings;
    const set: Record<string, readonly string[]> = {};
    for (const [channel, products] of peer.channels) {
      if (CHANNELS[channel].isPrivate) set[channel] = [peer.account?.userId ?? ""];
      else
        set[channel] = [...(wire.ackNames === "canonical" ? products.keys() : products.values())];
    }
    peer.acknowledge(set);
  }
}

function parse(text: string): Request | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { type, channel, product_ids: ids = [], jwt } = value as Readonly<Record<string, unknown>>;
  if (typeof type !== "string" || typeof channel !== "string") return undefined;
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === "string")) return undefined;
  if (jwt !== undefined && typeof jwt !== "string") return undefined;
  return { type, channel, productIds: ids, jwt };
}
