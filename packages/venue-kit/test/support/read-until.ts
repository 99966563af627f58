interface Readable<E> {
  take(): E | undefined;
  readable(): Promise<boolean>;
}

/** Reads until `enough` says so; gives everything read. Fails when the source ends before. */
export async function readUntil<E>(
  source: Readable<E>,
  enough: (event: E, events: readonly E[]) => boolean,
): Promise<readonly E[]> {
  const events: E[] = [];
  while (await source.readable()) {
    for (let event = source.take(); event !== undefined; event = source.take()) {
      events.push(event);
      if (enough(event, events)) return events;
    }
  }
  throw new Error(`the source ended after ${events.length} events`);
}

interface Watchable<S> {
  readonly snapshot: S;
  changed(options?: { readonly since?: S | undefined }): Promise<boolean>;
}

/** Waits until a state holds. */
export async function until<S>(watch: Watchable<S>, holds: (snapshot: S) => boolean): Promise<S> {
  for (let seen = watch.snapshot; ; seen = watch.snapshot) {
    if (holds(seen)) return seen;
    if (!(await watch.changed({ since: seen }))) {
      if (holds(watch.snapshot)) return watch.snapshot;
      throw new Error(`ended in ${JSON.stringify(watch.snapshot)}`);
    }
  }
}
