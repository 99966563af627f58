/** Prints the help of a verb when it is asked for, and tells whether it was. */
export function helpAsked(args: readonly string[], help: string): boolean {
  const isAsked = args.includes("--help") || args.includes("-h");
  if (isAsked) process.stdout.write(help);
  return isAsked;
}
