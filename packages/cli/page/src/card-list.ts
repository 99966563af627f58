import { Card, LEVEL } from "./card.js";
import type { CardActions } from "./card.js";
import { byId, setText } from "./elements.js";
import { counted } from "./format.js";
import type { Frames } from "./frames.js";
import type { Model } from "./model.js";

/** Cards that are made before one frame. */
const MADE_AT_ONCE = 6;

/** All connections, those that have ended last. Only what is on the screen is drawn. */
export class CardList {
  readonly #list = byId("cards");
  readonly #summary = byId("connections-summary");
  readonly #cards = new Map<number, Card>();
  readonly #byElement = new Map<Element, Card>();
  readonly #actions: CardActions;
  readonly #seen: IntersectionObserver;

  constructor(actions: CardActions) {
    this.#actions = actions;
    this.#seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const card = this.#byElement.get(target);
        if (card !== undefined) card.isVisible = isIntersecting;
      }
    });
  }

  /** Asks for frames to draw the cards in. */
  draw(model: Model, frames: Frames, selected: number | undefined): void {
    const all = model.tick?.connections ?? [];
    const isEnded = (phase: (typeof all)[number]["phase"]): boolean => LEVEL[phase] === "ended";
    const ordered = all
      .filter(({ phase }) => !isEnded(phase))
      .concat(all.filter(({ phase }) => isEnded(phase)));
    const keys = new Set(ordered.map(({ key }) => key));
    for (const [key, card] of this.#cards) if (!keys.has(key)) this.#remove(key, card);
    const count = (level: string): number =>
      all.filter(({ phase }) => LEVEL[phase] === level).length;
    setText(
      this.#summary,
      all.length === 0
        ? "none yet"
        : `${counted(all.length, "connection")}: ${count("up")} up, ${count("stale")} stale, ` +
            `${count("down")} down, ${count("ended")} ended`,
    );
    const mayAct = model.welcome?.mayAct === true && !model.isBlind;
    let made = 0;
    for (const [index, { key }] of ordered.entries()) {
      const known = this.#cards.get(key);
      if (known === undefined && made++ === MADE_AT_ONCE) {
        frames.draw(this, () => this.draw(model, frames, selected));
        return;
      }
      const card = known ?? this.#add(key);
      if (this.#list.children[index] !== card.element)
        this.#list.insertBefore(card.element, this.#list.children[index] ?? null);
      if (!card.isVisible) continue;
      frames.draw(card, () => {
        const figures = model.figuresOf(key);
        if (figures === undefined) return;
        const { now } = model;
        card.draw({
          figures,
          stretches: model.stretches.get(key) ?? [],
          blind: model.blindSpans,
          now,
          windowMs: model.windowMs,
          knownTo: model.isBlind ? (model.lastAt ?? now) : now,
          isSelected: key === selected,
          mayAct,
        });
      });
    }
  }

  #add(key: number): Card {
    const card = new Card(this.#list, key, this.#actions);
    this.#cards.set(key, card);
    this.#byElement.set(card.element, card);
    this.#seen.observe(card.element);
    return card;
  }

  #remove(key: number, card: Card): void {
    this.#cards.delete(key);
    this.#byElement.delete(card.element);
    this.#seen.unobserve(card.element);
    card.element.remove();
  }
}
