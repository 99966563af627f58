import type { PlaceOutcome } from "@oath-ws/venue-kit";
import { demand } from "../core/violated.js";
import type { AnswerKind } from "./answer-audit.js";

type Placed = PlaceOutcome<unknown, unknown>;

/** What places orders, and the venue's own record of them. */
export interface AuditedTrading {
  newClientId(): string;
  place(clientId: string): Promise<Placed>;
  /** The client ids of all orders that the venue has, also of those that are over. */
  clientIds(): readonly unknown[];
}

/** What became of one order, by the word of the adapter. */
interface Placing {
  readonly clientId: string;
  /** `undefined` while it is open. */
  outcome: Placed["kind"] | undefined;
  /** Of an outcome `fateUnknown`. */
  fate: "placed" | "refused" | "notPlaced" | "stillUnknown" | undefined;
  /** The answer that the client had read whole while the call was open. */
  delivered: AnswerKind | undefined;
}

/** Orders that the user places, each with a fate that the venue's record has to confirm. */
export class OrderAudit {
  readonly #trading: AuditedTrading;
  readonly #reach: (name: string) => void;
  readonly #placings = new Map<string, Placing>();

  constructor(trading: AuditedTrading, reach: (name: string) => void) {
    this.#trading = trading;
    this.#reach = reach;
  }

  place(): void {
    const clientId = this.#trading.newClientId();
    const open = { outcome: undefined, fate: undefined, delivered: undefined };
    const placing: Placing = { clientId, ...open };
    this.#placings.set(clientId, placing);
    void this.#follow(placing);
  }

  /** The client has read the venue's answer to this order. One that came too late says nothing. */
  delivered(clientId: string, kind: AnswerKind): void {
    const placing = this.#placings.get(clientId);
    if (placing !== undefined && placing.outcome === undefined) placing.delivered = kind;
  }

  /** Every order has come to an end that the venue's record confirms. */
  checkEnd(): void {
    const counts = new Map<string, number>();
    for (const clientId of this.#trading.clientIds()) {
      const id = String(clientId);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    for (const placing of this.#placings.values()) {
      const { clientId, outcome, fate, delivered } = placing;
      const times = counts.get(clientId) ?? 0;
      const told = (): string =>
        `${clientId} ended as ${outcome} ${fate ?? ""}, the venue has it ${times} times`;
      demand(outcome !== undefined, "every call ends", told);
      demand(
        delivered === undefined || outcome === delivered,
        "an answer that was read ends its call",
        () => `${told()}; it was ${delivered} before`,
      );
      demand(outcome !== "fateUnknown" || fate !== undefined, "every order has a fate", told);
      demand(times <= 1, "no order is sent twice", told);
      const isThere = outcome === "answered" || fate === "placed";
      const isNot = outcome === "didNotLeave" || fate === "notPlaced" || outcome === "refused";
      demand(!isThere || times === 1, "an order that was placed is at the venue", told);
      demand(!isNot || times === 0, "an order that was not placed is not at the venue", told);
    }
  }

  async #follow(placing: Placing): Promise<void> {
    const outcome = await this.#trading.place(placing.clientId);
    placing.outcome = outcome.kind;
    this.#reach(`order ${outcome.kind}`);
    if (outcome.kind !== "fateUnknown") return;
    const fate = await outcome.resolution;
    placing.fate = fate.kind;
    this.#reach(`order ${outcome.kind} ${fate.kind}`);
  }
}
