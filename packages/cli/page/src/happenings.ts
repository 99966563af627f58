import { add, byId } from "./elements.js";
import { timeOfDay } from "./format.js";
import type { Model } from "./model.js";

/** Entries that are shown. */
const SHOWN = 60;

/** What happened, newest first: causes with their times, and what the program notes itself. */
export class HappeningsView {
  readonly #list = byId("happenings-list");
  #drawn: Model["happenings"] = [];

  draw(model: Model): void {
    if (this.#drawn === model.happenings) return;
    this.#drawn = model.happenings;
    const items = model.happenings.slice(0, SHOWN).map(({ at, connection, level, text }) => {
      const item = document.createElement("li");
      item.className = level;
      add(item, "time", "", timeOfDay(at)).dateTime = new Date(at).toISOString();
      const name = connection === undefined ? "program" : model.figuresOf(connection)?.name;
      add(item, "b", "", name ?? "an earlier connection");
      add(item, "span", "", text);
      return item;
    });
    this.#list.replaceChildren(...items);
  }
}
