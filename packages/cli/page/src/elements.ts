/**
 * The element of the page's HTML with this id.
 *
 * @throws Error when the HTML and this script do not belong together
 */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.querySelector<T>(`#${id}`);
  if (found === null) throw new Error(`The page has no element with the id ${id}.`);
  return found;
}

/** Makes an element with a class and a text, in a parent. */
export function add<K extends keyof HTMLElementTagNameMap>(
  parent: Element,
  tag: K,
  className = "",
  text = "",
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  made.textContent = text;
  parent.append(made);
  return made;
}

/** Writes a text where it is another one: the browser then has nothing to do for the others. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows or hides. */
export function show(element: HTMLElement, isShown: boolean): void {
  if (element.hidden === isShown) element.hidden = !isShown;
}

/** Sets an attribute where it has another value. */
export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Rows of a table that are made once and filled again; more are made when they are needed. */
export class Rows {
  readonly #body: HTMLElement;
  readonly #classes: readonly string[];
  readonly #rows: HTMLTableRowElement[] = [];

  /** @param classes of the cells, in order */
  constructor(body: HTMLElement, classes: readonly string[]) {
    this.#body = body;
    this.#classes = classes;
  }

  /** Shows exactly these rows of texts. */
  fill(rows: readonly (readonly string[])[]): void {
    for (const [index, texts] of rows.entries()) {
      const row = this.#rows[index] ?? this.#make();
      for (const [column, text] of texts.entries()) {
        const cell = row.cells[column];
        if (cell !== undefined) setText(cell, text);
      }
    }
    for (const row of this.#rows.splice(rows.length)) row.remove();
  }

  #make(): HTMLTableRowElement {
    const row = add(this.#body, "tr");
    for (const name of this.#classes) add(row, "td", name);
    this.#rows.push(row);
    return row;
  }
}
