import type { Instrument } from "../market/instrument.js";
import type { IbkrLimitOptions, IbkrWireOptions } from "../options.js";
import type { Feed, FeedOutlet } from "./feed.js";

/** What a line needs to know besides its contract. */
export interface LineSettings {
  readonly wire: Required<IbkrWireOptions>;
  readonly limits: Required<IbkrLimitOptions>;
  /** The session's name in market data frames; read at every frame. */
  serverId(): string;
  /** A line died of age. */
  expired(): void;
}

type Members = ReadonlyArray<readonly [name: string, value: string | number]>;

/**
 * `smd`: full snapshots of the fields, then what has changed. A further `smd` adds fields, brings
 * snapshots again, and is the only thing that keeps it alive (I-20).
 */
export class MarketLine implements Feed {
  readonly topic: string;
  readonly needsBrokerage = true;
  readonly conid: number;
  readonly #conidEx: string;
  readonly #instrument: Instrument;
  readonly #settings: LineSettings;
  readonly #outlet: FeedOutlet;
  readonly #die: () => void;
  readonly #fields: Set<string> = new Set();
  /**
   * What the client knows by now. Fields that no snapshot has shown yet are not in it, and not in
   * deltas.
   */
  readonly #shown: Map<string, string | number> = new Map();
  #serviceSent = false;
  #cancelSnapshot: () => void = () => {};
  #cancelExpiry: () => void = () => {};

  /** `die` takes it off its socket. */
  constructor(
    conidEx: string,
    instrument: Instrument,
    settings: LineSettings,
    outlet: FeedOutlet,
    die: () => void,
  ) {
    this.topic = `smd+${conidEx}`;
    this.conid = instrument.conid;
    this.#conidEx = conidEx;
    this.#instrument = instrument;
    this.#settings = settings;
    this.#outlet = outlet;
    this.#die = die;
  }

  /** Whether a snapshot has been sent, so that changes follow. */
  get isLive(): boolean {
    return this.#shown.size > 0;
  }

  /** An `smd` came, the first or another. */
  request(fields: readonly string[]): void {
    for (const field of fields) this.#fields.add(field);
    const { wire, limits } = this.#settings;
    this.#cancelExpiry();
    this.#cancelExpiry = this.#outlet.after(limits.lineLifetimeMs, () => {
      this.#settings.expired();
      this.#die();
    });
    this.#cancelSnapshot();
    this.#cancelSnapshot = this.#outlet.after(wire.snapshotDelayMs, () => this.#snapshot());
  }

  moved(instrument: Instrument): void {
    if (instrument !== this.#instrument || !this.isLive) return;
    const changed: Array<readonly [string, string | number]> = [];
    for (const [field, value] of this.#current()) {
      if (!this.#shown.has(field) || this.#shown.get(field) === value) continue;
      this.#shown.set(field, value);
      changed.push([field, value]);
    }
    if (changed.length === 0) return;
    // It was not asked for, but it shows up once, early (I-27).
    if (!this.#serviceSent) changed.push(["6508", "&serviceID1=122&serviceID2=203"]);
    this.#serviceSent = true;
    this.#send(changed, true);
  }

  /** A frame without `conid` and without data. */
  sendEmpty(): void {
    this.#outlet.publish(
      this.topic,
      print([
        ["_updated", this.#instrument.updatedAt],
        ["topic", this.topic],
      ]),
    );
  }

  stop(): void {
    this.#cancelSnapshot();
    this.#cancelExpiry();
  }

  #snapshot(): void {
    const values = this.#current();
    for (const [field, value] of values) this.#shown.set(field, value);
    // The same content, but the members in another order.
    for (let copy = 0; copy < this.#settings.wire.snapshots; copy++) {
      this.#send(copy % 2 === 0 ? values : values.toReversed(), false);
    }
  }

  #current(): Members {
    const values = this.#instrument.values();
    const current: Array<readonly [string, string | number]> = [];
    const add = (field: string): void => {
      const value = values[field];
      if (value !== undefined) current.push([field, value]);
    };
    for (const field of this.#fields) {
      add(field);
      if (field === "87") add("87_raw");
    }
    return current;
  }

  #send(values: Members, numbered: boolean): void {
    const { conid, updatedAt, updates } = this.#instrument;
    const serverId = this.#settings.serverId();
    const text = print([
      ["server_id", serverId],
      ["conidEx", this.#conidEx],
      ["conid", conid],
      ["_updated", updatedAt],
      ["6119", serverId],
      ...values,
      ["topic", this.topic],
    ]);
    this.#outlet.publish(
      this.topic,
      text,
      numbered ? { first: updates, last: updates } : undefined,
    );
  }
}

/**
 * Printed by hand: an object would put members with numbers for names first, in their own order.
 */
function print(members: Members): string {
  const member = ([name, value]: (typeof members)[number]): string =>
    `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  return `{${members.map(member).join(",")}}`;
}
