import { wrapped } from "../terminal.js";

/** Prints the help of a verb when it is asked for, and tells whether it was. */
export function helpAsked(args: readonly string[], help: string): boolean {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  const isAsked = options.includes("--help") || options.includes("-h");
  if (isAsked) printHelp(help);
  return isAsked;
}

/** Columns of a help text where there is no terminal. */
const COLUMNS = 100;

/** Prints a help text, wrapped to the width of the terminal. */
export function printHelp(help: string): void {
  const { isTTY, columns } = process.stdout;
  process.stdout.write(wrapped(help, isTTY && columns > 0 ? columns : COLUMNS));
}
