/** Characters that take two columns: East Asian wide ones, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

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
 * Breaks a help text at spaces where a line is longer than a terminal is wide. What follows is
 * indented two columns deeper than the line itself.
 */
export function wrapped(text: string, columns: number): string {
  return text
    .split("\n")
    .flatMap((line) => wrapLine(line, Math.max(20, columns)))
    .join("\n");
}

function wrapLine(line: string, columns: number): readonly string[] {
  if (line.length <= columns) return [line];
  const indent = /^ */.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = indent;
  for (const word of line.trim().split(" ")) {
    const isFirst = current.trim() === "";
    if (!isFirst && current.length + 1 + word.length > columns) {
      lines.push(current);
      current = `${indent}  ${word}`;
    } else current += isFirst ? word : ` ${word}`;
  }
  return [...lines, current];
}
