import type { ReceivedFrame, ReconnectingConnection } from "@oath-ws/contract";
import { elapsedTimer } from "@oath-ws/venue-kit";
import type { LoggedItem } from "../owner/item-log.js";
import type { LifecycleBody, MarkBody } from "../wire/item.js";
import { writeJson } from "../wire/json.js";
import { lifecycleBody } from "./lifecycle-body.js";
import { plainItem } from "./relay-source.js";
import type { RelaySource, SourceOptions } from "./relay-source.js";

const NONE: readonly LoggedItem[] = [];

/**
 * Relays the frames of one connection as they are. It is the connection's one reader. Frames have
 * no ids, so that a takeover is a new epoch for the readers, and what was between is not known. /
 */
export function connectionSource(
  connection: Pick<ReconnectingConnection, "source" | "lifecycle">,
  { timer, markMs, note, onFault }: SourceOptions,
): RelaySource {
  const { source, lifecycle } = connection;
  const elapsed = elapsedTimer(timer);
  const stopped = new AbortController();
  let lastSeq = 0;
  let unsubscribe: () => void = () => undefined;
  // Frames that were dropped are told in their place, and not in a total besides.
  const line = (): LifecycleBody => ({
    ...lifecycleBody(lifecycle.snapshot, timer.now()),
    totalLagged: 0,
    totalLaggedBytes: 0,
  });
  const lineItem = (): LoggedItem => plainItem("lifecycle", elapsed.now(), writeJson(line()));
  const read = async (push: (item: LoggedItem) => void): Promise<void> => {
    while (!stopped.signal.aborted && (await source.readable({ signal: stopped.signal }))) {
      for (let frame = source.take(); frame !== undefined; frame = source.take()) {
        if (lastSeq > 0 && frame.seq > lastSeq + 1)
          push(plainItem("gap", elapsed.now(), writeJson({ lost: frame.seq - lastSeq - 1 })));
        lastSeq = frame.seq;
        push(frameItem(frame, elapsed.arrived(frame.receivedAt)));
      }
    }
  };
  return {
    topics: ["frames"],
    start(push) {
      unsubscribe = lifecycle.subscribe(() => push(lineItem()));
      read(push).catch((error: unknown) => {
        if (!stopped.signal.aborted) onFault(error);
      });
    },
    stop() {
      stopped.abort();
      unsubscribe();
    },
    fresh: () => [lineItem()],
    images: () => NONE,
    mark: (): MarkBody => ({
      topics: [],
      lifecycle: line(),
      everyMs: markMs,
      imagesFrom: null,
      note,
    }),
  };
}

function frameItem(frame: ReceivedFrame, at: number): LoggedItem {
  // A copy: the frame may be a window onto memory that frames of the same read share.
  const payload = Buffer.from(frame.data);
  return { ...plainItem(frame.kind, at, payload), epoch: frame.epoch };
}
