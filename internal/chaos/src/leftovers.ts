/** Kinds of things that keep a process alive, and that a connection may have made. */
const OURS = /Timeout|Immediate|TCP|Pipe|TLS|DNS|Getaddrinfo|GetAddrInfo|Connect|Shutdown|Write/;

/** How many there are of each kind now. */
export function activeResources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    if (OURS.test(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** What is there now and was not before, as `2 Timeout`. */
export function leftOver(before: ReadonlyMap<string, number>): string[] {
  return [...activeResources()]
    .map(([name, count]) => ({ name, more: count - (before.get(name) ?? 0) }))
    .filter(({ more }) => more > 0)
    .map(({ name, more }) => `${more} ${name}`);
}
