/** How many connections are dialled at a time. */
const AT_ONCE = 25;

/** Opens connections to `url/0`, `url/1` and so on. */
export async function openMany<C>(
  open: (url: string) => Promise<C>,
  url: string,
  count: number,
): Promise<C[]> {
  const opened: C[] = [];
  while (opened.length < count) {
    const first = opened.length;
    const batch = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) =>
      open(`${url}/${first + i}`),
    );
    opened.push(...(await Promise.all(batch)));
  }
  return opened;
}
