import { TOPIC_ROWS } from "../../src/dash/protocol.js";
import type { ReaderPhase, TopicRow } from "../../src/dash/protocol.js";
import { add, byId, setAttribute, setText } from "./elements.js";
import { count, counted, span } from "./format.js";
import type { Model } from "./model.js";

/** How bad a topic's phase is, for the style of its badge. */
export const TOPIC_LEVEL: Readonly<Record<ReaderPhase, "up" | "stale" | "down" | "ended">> = {
  live: "up",
  stale: "stale",
  recovering: "down",
  subscribing: "stale",
  failed: "down",
  closed: "ended",
};

/** What the table asks of the server. */
export interface TopicsActions {
  readonly onSelect: (key: number) => void;
  /** Another filter, or another first row. */
  readonly onRange: (filter: string, from: number) => void;
}

interface RowParts {
  readonly element: HTMLTableRowElement;
  readonly name: HTMLButtonElement;
  readonly badge: HTMLElement;
  readonly cells: readonly HTMLElement[];
}

/** The table of topics: a window of it, since there may be thousands. */
export class Topics {
  readonly #body = byId("topic-rows");
  readonly #summary = byId("topics-summary");
  readonly #range = byId("range");
  readonly #filter = byId<HTMLInputElement>("filter");
  readonly #previous = byId<HTMLButtonElement>("previous");
  readonly #next = byId<HTMLButtonElement>("next");
  readonly #rows = new Map<number, RowParts>();
  readonly #actions: TopicsActions;
  #from = 0;

  constructor(actions: TopicsActions) {
    this.#actions = actions;
    this.#filter.addEventListener("input", () => this.#move(0));
    this.#previous.addEventListener("click", () => this.#move(this.#from - TOPIC_ROWS));
    this.#next.addEventListener("click", () => this.#move(this.#from + TOPIC_ROWS));
  }

  draw({ tick, now }: Model, selected: number | undefined): void {
    if (tick === undefined) return;
    const { byPhase, matching, from, rows } = tick.topics;
    this.#from = from;
    const phases = Object.entries(byPhase).map(([phase, number]) => `${number} ${phase}`);
    const total = Object.values(byPhase).reduce((sum, number) => sum + number, 0);
    setText(
      this.#summary,
      total === 0 ? "none yet" : `${counted(total, "topic")}: ${phases.join(", ")}`,
    );
    setText(
      this.#range,
      matching === 0 ? "none" : `${from + 1} to ${from + rows.length} of ${count(matching)}`,
    );
    this.#previous.disabled = from === 0;
    this.#next.disabled = from + TOPIC_ROWS >= matching;
    const keys = new Set(rows.map(({ key }) => key));
    for (const [key, { element }] of this.#rows) {
      if (keys.has(key)) continue;
      element.remove();
      this.#rows.delete(key);
    }
    for (const [index, row] of rows.entries()) {
      const parts = this.#rows.get(row.key) ?? this.#add(row.key);
      if (this.#body.children[index] !== parts.element)
        this.#body.insertBefore(parts.element, this.#body.children[index] ?? null);
      fill(parts, row, now, row.key === selected);
    }
  }

  #move(from: number): void {
    this.#from = Math.max(0, from);
    this.#actions.onRange(this.#filter.value, this.#from);
  }

  #add(key: number): RowParts {
    const element = add(this.#body, "tr");
    const head = add(element, "th");
    head.scope = "row";
    const name = add(head, "button", "name");
    name.type = "button";
    name.addEventListener("click", () => this.#actions.onSelect(key));
    const kind = add(element, "td");
    const badge = add(add(element, "td"), "span", "badge");
    const numbers = Array.from({ length: 7 }, () => add(element, "td", "number"));
    const parts = { element, name, badge, cells: [kind, ...numbers] };
    this.#rows.set(key, parts);
    return parts;
  }
}

function fill(parts: RowParts, row: TopicRow, now: number, isSelected: boolean): void {
  setText(parts.name, row.name);
  setAttribute(parts.name, "aria-pressed", `${isSelected}`);
  setText(parts.badge, row.phase);
  setAttribute(parts.badge, "class", `badge ${TOPIC_LEVEL[row.phase]}`);
  const texts = [
    row.kind,
    span(Math.max(0, now - row.since)),
    count(row.epoch),
    count(row.gaps),
    count(row.stale),
    count(row.recoveries),
    count(row.discarded),
    span(row.behindMs),
  ];
  for (const [index, text] of texts.entries()) {
    const cell = parts.cells[index];
    if (cell !== undefined) setText(cell, text);
  }
}
