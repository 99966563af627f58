import type { ConnectionPhase, Figures } from "../../src/dash/protocol.js";
import { add, setAttribute, setText, show } from "./elements.js";
import { bytesRate, count, span } from "./format.js";
import { watchSize } from "./sizes.js";
import { drawStrip, stripWords } from "./strip.js";
import type { StripView } from "./strip.js";

/** What the buttons of a card do. */
export interface CardActions {
  readonly onSelect: (key: number) => void;
  readonly onReconnect: (key: number) => void;
}

/** How a card stands in its list. */
export interface CardView extends StripView {
  readonly figures: Figures;
  readonly isSelected: boolean;
  readonly mayAct: boolean;
}

const TERMS = [
  "Epoch",
  "Attempts",
  "Waits for",
  "Gate waits",
  "Frames",
  "Bytes",
  "Data age",
  "Round trip",
  "Lag, dropped",
  "Behind",
  "Unsettled sends",
  "Stale, times",
  "Down",
] as const;

/** How bad a phase is, for the style of its badge. */
export const LEVEL: Readonly<Record<ConnectionPhase, "up" | "stale" | "down" | "ended">> = {
  connected: "up",
  resumed: "up",
  stale: "stale",
  connecting: "down",
  reconnecting: "down",
  unrecoverable: "down",
  closed: "ended",
};

/** How often the words for a strip change at most: a screen reader reads them. */
const WORDS_EVERY_MS = 5_000;

/** One connection: its phase, its strip and its figures. */
export class Card {
  readonly element: HTMLLIElement;
  /** Whether it is on the screen; only then it is drawn. */
  isVisible = true;
  readonly #name: HTMLButtonElement;
  readonly #endpoint: HTMLElement;
  readonly #badge: HTMLElement;
  readonly #reconnect: HTMLButtonElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #values: readonly HTMLElement[];
  #wordsAt = Number.NEGATIVE_INFINITY;

  constructor(list: Element, key: number, { onSelect, onReconnect }: CardActions) {
    this.element = add(list, "li", "card");
    const head = add(this.element, "div", "card-head");
    const title = add(head, "h3");
    this.#name = add(title, "button", "name");
    this.#name.type = "button";
    this.#name.addEventListener("click", () => onSelect(key));
    this.#badge = add(head, "span", "badge");
    this.#endpoint = add(head, "span", "endpoint");
    this.#reconnect = add(head, "button", "act", "Reconnect");
    this.#reconnect.type = "button";
    this.#reconnect.addEventListener("click", () => onReconnect(key));
    this.#canvas = add(this.element, "canvas", "strip");
    this.#canvas.setAttribute("role", "img");
    watchSize(this.#canvas);
    const figures = add(this.element, "dl", "figures");
    this.#values = TERMS.map((term) => {
      const pair = add(figures, "div");
      add(pair, "dt", "", term);
      return add(pair, "dd");
    });
  }

  /** Writes and draws what has changed. */
  draw(view: CardView): void {
    const { figures, isSelected, mayAct, now } = view;
    const { name, endpoint, phase } = figures;
    setText(this.#name, name);
    setAttribute(this.#name, "aria-pressed", `${isSelected}`);
    setText(this.#endpoint, figures.tls === "unverified" ? `${endpoint} (not verified)` : endpoint);
    setText(this.#badge, phase);
    setAttribute(this.#badge, "class", `badge ${LEVEL[phase]}`);
    setAttribute(this.#reconnect, "aria-label", `Reconnect ${name}`);
    show(this.#reconnect, LEVEL[phase] !== "ended");
    this.#reconnect.disabled = !mayAct;
    for (const [index, text] of texts(figures, now).entries()) {
      const value = this.#values[index];
      if (value !== undefined) setText(value, text);
    }
    drawStrip(this.#canvas, view);
    if (performance.now() - this.#wordsAt < WORDS_EVERY_MS) return;
    this.#wordsAt = performance.now();
    setAttribute(this.#canvas, "aria-label", stripWords(view));
  }
}

/** The figures in the order of {@link TERMS}. */
function texts(figures: Figures, now: number): readonly string[] {
  const { waitingFor, waitingUntil } = figures;
  const left = waitingUntil === undefined ? "" : ` ${span(Math.max(0, waitingUntil - now))}`;
  return [
    count(figures.epoch),
    count(figures.attempts),
    waitingFor === undefined ? "nothing" : `${waitingFor}${left}`,
    span(figures.gateWaitMs),
    `${count(Math.round(figures.framesPerS))}/s`,
    bytesRate(figures.bytesPerS),
    span(figures.dataAgeMs),
    span(figures.roundTripMs),
    count(figures.lagged),
    span(figures.behindMs),
    count(figures.unsettled),
    count(figures.staleCount),
    span(figures.downMs),
  ];
}
