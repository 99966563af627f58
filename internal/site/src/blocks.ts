/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** The line on which its code begins, from 1. */
  readonly line: number;
  /** What follows the fence, such as `ts` and `sh`; empty if nothing does. */
  readonly language: string;
  readonly code: string;
}

/** The fenced blocks of a page, in order. A fence inside a list may be indented. */
export function blocksOf(page: string, text: string): readonly Block[] {
  return [...text.matchAll(/^( *)```(\S*)[^\n]*\n([\s\S]*?)^\1```$/gm)].map((match) => {
    const [, indent = "", language = "", code = ""] = match;
    return {
      page,
      line: text.slice(0, match.index).split("\n").length + 1,
      language,
      code: code
        .split("\n")
        .map((line) => line.slice(Math.min(indent.length, line.search(/\S|$/))))
        .join("\n"),
    };
  });
}
