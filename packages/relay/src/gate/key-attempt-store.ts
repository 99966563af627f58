import { createHash } from "node:crypto";
import { isWsError } from "@oath-ws/contract";
import type { Timer } from "@oath-ws/contract";
import { ClockOffset } from "@oath-ws/venue-kit";
import type { AttemptStore, StoreAnswer, StoreRequest } from "oath-ws";
import type { KeyEntry, KeyStore } from "../engine/engine.js";
import { relayError } from "../engine/relay-error.js";
import { jsonOrNothing, writeJson } from "../wire/json.js";

/** What the store holds for one key of a gate. Times are those of the store's own clock. */
interface BudgetBody {
  /** When attempts were granted, oldest first, and whether each was for a proven connection. */
  readonly attempts: readonly (readonly [atMs: number, proven: boolean])[];
  readonly blockedUntil: number;
  /** When each member asked last. */
  readonly members: Readonly<Record<string, number>>;
}

const EMPTY: BudgetBody = { attempts: [], blockedUntil: 0, members: {} };

/** A process that asked within this time counts as a member, in milliseconds. */
const MEMBER_MS = 600_000;

/** So often a write is tried again because another member was first. */
const MAX_TRIES = 10;

/**
 * A budget of connection attempts in a key-value store, for `StoreGate`: all processes that use the
 * same store share it.
 *
 * How this works: one value per key holds the attempts of the window, and every grant is written
 * with compare-and-set, so that two members never take the same slot. Times are those of the store,
 * which stamps each value: a member learns from its own writes how far that clock is from its own.
 * The error of that is at most the way to the store, and makes the member wait longer, never less.
 */
export class KeyAttemptStore implements AttemptStore {
  readonly #keys: KeyStore;
  readonly #elapsed: Timer;
  readonly #member: string;
  readonly #onFault: (error: unknown) => void;
  readonly #offset = new ClockOffset();

  /**
   * @param elapsed a timer that counts the sleep of the machine
   * @param member unique over processes
   * @param onFault told of each attempt that could not be asked for
   */
  constructor(
    keys: KeyStore,
    elapsed: Timer,
    member: string,
    onFault: (error: unknown) => void = () => undefined,
  ) {
    this.#keys = keys;
    this.#elapsed = elapsed;
    this.#member = member;
    this.#onFault = onFault;
  }

  async take(request: StoreRequest): Promise<StoreAnswer> {
    try {
      return await this.#take(request);
    } catch (error) {
      this.#onFault(error);
      throw error;
    }
  }

  async giveBack({ key, proven }: StoreRequest): Promise<void> {
    await this.#change(key, (body) => {
      const index = body.attempts.findLastIndex(([, was]) => was === proven);
      return index === -1 ? undefined : { ...body, attempts: body.attempts.toSpliced(index, 1) };
    });
  }

  async block(key: string, forMs: number): Promise<void> {
    await this.#change(key, (body, now) =>
      now + forMs <= body.blockedUntil ? undefined : { ...body, blockedUntil: now + forMs },
    );
  }

  async #take(request: StoreRequest): Promise<StoreAnswer> {
    const { max, windowMs, proven, key } = request;
    let answer: StoreAnswer = { granted: false, members: 1 };
    await this.#change(key, (body, now) => {
      const attempts = body.attempts
        .map(([at, was]) => [Math.min(at, now), was] as const)
        .filter(([at]) => now - at < windowMs);
      const members = { ...fresh(body.members, now), [this.#member]: now };
      const count = Object.keys(members).length;
      const blockedForMs = Math.max(0, body.blockedUntil - now);
      const unproven = attempts.filter(([, was]) => !was);
      const waitMs = proven
        ? waitFor(attempts, max, now, windowMs)
        : Math.max(
            waitFor(attempts, max, now, windowMs),
            waitFor(unproven, max - Math.floor(max / 4), now, windowMs),
          );
      const retryInMs = Math.max(blockedForMs, waitMs);
      const granted = retryInMs === 0;
      answer = granted
        ? { granted, members: count }
        : { granted, retryInMs, blockedForMs, members: count };
      // A refusal changes nothing that others have to know, once they know of this member.
      if (!granted && body.members[this.#member] !== undefined) return undefined;
      const next = granted ? [...attempts, [now, proven] as const] : attempts;
      return { ...body, attempts: next, members };
    });
    return answer;
  }

  async #change(
    gateKey: string,
    change: (body: BudgetBody, now: number) => BudgetBody | undefined,
  ): Promise<void> {
    const key = `gate.${createHash("sha256").update(gateKey).digest("hex").slice(0, 32)}`;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const entry = await this.#read(key);
      const leastMs = this.#offset.leastMs ?? 0;
      const next = change(readBudget(entry), this.#elapsed.now() - leastMs);
      if (next === undefined) return;
      if (await this.#write(key, next, entry.revision)) return;
    }
    throw relayError(
      "RELAY_CONFLICT",
      "Too many others write the shared budget; it is asked again.",
    );
  }

  /** Reads the value, and makes it if there is none: the store's clock is known afterwards. */
  async #read(key: string): Promise<KeyEntry> {
    for (;;) {
      const entry = await this.#keys.get(key);
      if (entry === undefined) {
        await this.#write(key, EMPTY, 0);
        continue;
      }
      // The value may have been written long ago: only a write of our own tells the time.
      if (this.#offset.leastMs !== undefined) return entry;
      await this.#write(key, readBudget(entry), entry.revision);
    }
  }

  /** Whether it was written; `false` when another member was first. */
  async #write(key: string, body: BudgetBody, revision: number): Promise<boolean> {
    try {
      const written = await this.#keys.put(key, writeJson(body), revision);
      const entry = await this.#keys.get(key);
      if (entry?.revision === written) this.#offset.heard(this.#elapsed.now(), entry.timeMs);
      return true;
    } catch (error) {
      if (isWsError(error) && error.code === "RELAY_CONFLICT") return false;
      throw error;
    }
  }
}

/** How long until one more of these fits, in milliseconds. */
function waitFor(
  attempts: readonly (readonly [number, boolean])[],
  max: number,
  now: number,
  windowMs: number,
): number {
  const oldest = attempts[attempts.length - max];
  return oldest === undefined ? 0 : Math.max(1, oldest[0] + windowMs - now);
}

function fresh(members: BudgetBody["members"], now: number): Record<string, number> {
  return Object.fromEntries(Object.entries(members).filter(([, at]) => now - at < MEMBER_MS));
}

/** Reads what the store holds. Throws `RELAY_FORMAT` for what no member of this version wrote. */
function readBudget({ value }: KeyEntry): BudgetBody {
  const body = jsonOrNothing(value);
  const { attempts, blockedUntil, members } = Object(body) as Partial<BudgetBody>;
  const isBudget =
    Array.isArray(attempts) &&
    attempts.every(isAttempt) &&
    Number.isFinite(blockedUntil) &&
    typeof members === "object" &&
    members !== null &&
    Object.values(members).every(Number.isFinite);
  if (isBudget) return body as BudgetBody;
  throw relayError(
    "RELAY_FORMAT",
    "The shared budget holds what no relay of this version wrote. Delete its key in the store.",
  );
}

function isAttempt(value: unknown): boolean {
  const [at, proven] = Array.isArray(value) ? (value as unknown[]) : [];
  return Number.isFinite(at) && typeof proven === "boolean";
}
