/** A place that breaks a rule. */
export interface Problem {
  /** Counted from 1. */
  readonly line: number;
  readonly why: string;
}
export function problems(
  text: string,
  kind: "code" | "markdown",
  options?: { readonly words?: boolean },
): Problem[];
export function wrapMarkdown(text: string, width?: number): string;
export function wrapComments(text: string): string;
