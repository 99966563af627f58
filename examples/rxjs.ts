// A feed as an observable of RxJS: prices while it is fresh, and an alarm in the same pipeline.
import { startBinanceSim } from "@oath-ws/sim";
import { open } from "oath-ws";
import type { Lifecycle, LifecycleSnapshot } from "oath-ws";
import { distinctUntilChanged, from, lastValueFrom, map, merge, Observable } from "rxjs";
import { filter, share, take, tap, toArray } from "rxjs";

/** Snapshots of a connection, the present one first; completes when no other will come. */
function lifecycleOf(lifecycle: Lifecycle): Observable<LifecycleSnapshot> {
  return new Observable((subscriber) => {
    const tell = (): void => {
      const { snapshot } = lifecycle;
      subscriber.next(snapshot);
      if (snapshot.phase === "closed" || snapshot.phase === "unrecoverable") subscriber.complete();
    };
    tell();
    return lifecycle.subscribe(tell);
  });
}

await using sim = await startBinanceSim({ symbols: ["BTCUSDT"], market: { stepMs: 10 } });
await using feed = await open(`${sim.url}/ws/btcusdt@trade`);

// Operators that wait (`concatMap`, `bufferTime`) hold frames where oath-ws does not see them: its
// own buffer stays empty, and `totalLagged` at zero. Bound such operators yourself.
const prices = from(feed.source).pipe(
  map((frame) => ({ epoch: frame.epoch, price: (JSON.parse(frame.text()) as { p: string }).p })),
  share(), // a connection has one reader
);
const phases = lifecycleOf(feed.lifecycle).pipe(
  map(({ phase }) => phase),
  distinctUntilChanged(),
  tap((phase) => console.log("phase:", phase)),
);
const inSecondEpoch = prices.pipe(
  tap({ next: once(() => sim.faults.dropConnections()) }),
  filter(({ epoch }) => epoch === 2),
  take(5),
  toArray(),
  tap((list) => console.log(`prices of epoch 2: ${list.length}`)),
  tap(() => void feed.control.shutdown()),
);
await lastValueFrom(merge(phases, inSecondEpoch));

function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) run();
    isDone = true;
  };
}
