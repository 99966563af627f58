/** The colours of the style sheet, for what is drawn on a canvas. */
export interface Colours {
  readonly up: string;
  readonly stale: string;
  readonly down: string;
  readonly ended: string;
  readonly blind: string;
  readonly text: string;
  readonly grid: string;
  readonly line: string;
  readonly bid: string;
  readonly ask: string;
}

let known: Colours | undefined;

/** Reads them once, and again after a change between light and dark. */
export function colours(): Colours {
  known ??= read();
  return known;
}

/** Calls `changed` when the colours are others. */
export function onColours(changed: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    known = undefined;
    changed();
  });
}

function read(): Colours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    up: of("up"),
    stale: of("stale"),
    down: of("down"),
    ended: of("ended"),
    blind: of("blind"),
    text: of("text"),
    grid: of("grid"),
    line: of("line"),
    bid: of("bid"),
    ask: of("ask"),
  };
}
