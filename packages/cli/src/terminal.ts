/** Characters that take two columns: East Asian wide ones, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]|\p{Emoji_Presentation}/u;

/** Colours of the marks that follow the time of a line. */
const COLOURS: Readonly<Record<string, string>> = { "!!": "31", "--": "36", "==": "33" };

const MARKED = /^\d\d:\d\d:\d\d\.\d{3} (!!|--|==) /;

/** Cuts a line to a number of columns. A line that was cut ends with "…". */
export function fit(line: string, columns: number): string {
  // Most lines are short, and no character takes more than two columns.
  if (line.length * 2 <= columns) return line;
  let used = 0;
  let seen = "";
  // What leaves room for the "…".
  let kept = "";
  for (const character of line) {
    used += WIDE.test(character) ? 2 : 1;
    if (used > columns) return `${kept}…`;
    seen += character;
    if (used < columns) kept = seen;
  }
  return line;
}

/** Colours a line by the mark behind its time: `!!` red, `--` cyan, `==` yellow. */
export function coloured(line: string): string {
  const colour = COLOURS[MARKED.exec(line)?.[1] ?? ""];
  return colour === undefined ? line : `\u001b[${colour}m${line}\u001b[0m`;
}

/**
 * Breaks a help text at spaces where it is wider than a terminal. Joins the lines of a
 * paragraph of prose first. A line of another kind goes on two columns deeper.
 */
export function wrapped(text: string, columns: number): string {
  const width = Math.max(20, columns);
  return text
    .split("\n\n")
    .map((block) => {
      const lines = block.split("\n");
      if (lines.every((line) => line.length <= width)) return block;
      return isProse(lines)
        ? wrapLine(lines.join(" "), width, "").join("\n")
        : lines.flatMap((line) => wrapLine(line, width, "  ")).join("\n");
    })
    .join("\n\n");
}

function isProse(lines: readonly string[]): boolean {
  return lines.every((line) => line !== "" && !line.startsWith(" ") && !line.startsWith("oath-ws"));
}

function wrapLine(line: string, columns: number, deeper: string): readonly string[] {
  if (line.length <= columns) return [line];
  const indent = /^ */.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = indent;
  for (const word of line.trim().split(" ")) {
    const isFirst = current.trim() === "";
    if (!isFirst && current.length + 1 + word.length > columns) {
      lines.push(current);
      current = `${indent}${deeper}${word}`;
    } else current += isFirst ? word : ` ${word}`;
  }
  return [...lines, current];
}
