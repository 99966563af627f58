import type { LifecycleSnapshot } from "@oath-ws/web";
import { byId, setText, show } from "./elements.js";
import { span, timeOfDay } from "./format.js";
import type { Model } from "./model.js";

/** Says since when the page sees nothing, and after that, that it was blind. */
export class Banner {
  readonly #banner = byId("banner");
  readonly #text = byId("banner-text");
  readonly #dismiss = byId("banner-dismiss");
  readonly #feed = byId("feed");
  /** What is said about the last blind time that is over; empty when there was none. */
  #again = "";

  constructor() {
    this.#dismiss.addEventListener("click", () => {
      this.#again = "";
      show(this.#banner, false);
    });
  }

  /** The page was blind and sees again. */
  sawAgain({ blind }: Model, isOtherRun: boolean): void {
    const last = blind.at(-1);
    if (last === undefined) return;
    const kept = isOtherRun
      ? "The program was started again: its past is gone."
      : "What the program kept of that time is shown.";
    this.#again =
      `This page was blind from ${timeOfDay(last.from)} to ${timeOfDay(last.to)} ` +
      `(${span(last.to - last.from)}). ${kept}`;
  }

  draw(model: Model, feed: LifecycleSnapshot): void {
    const isRefused = feed.phase === "unrecoverable";
    const isBlind = isRefused || model.isBlind;
    document.body.classList.toggle("is-blind", isBlind);
    setText(this.#feed, isBlind ? `blind (${feed.phase})` : `this page: ${feed.phase}`);
    this.#feed.className = isBlind ? "down" : "up";
    const text = isRefused
      ? "Another machine needs the start code: open the address as printed."
      : isBlind
        ? `This page is blind since ${timeOfDay(model.lastAt)}: it shows what is old, and ` +
          "tries again."
        : this.#again;
    if (text !== "") setText(this.#text, text);
    show(this.#dismiss, !isBlind);
    show(this.#banner, text !== "");
  }
}
