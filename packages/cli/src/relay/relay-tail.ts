import { fromRelay } from "@oath-ws/relay";
import type { RelayConnection } from "@oath-ws/relay";
import { nodeRuntime } from "oath-ws";
import { errorLine } from "../error-line.js";
import type { Output } from "../output.js";
import { jsonText } from "../printable.js";
import { UsageError } from "../usage-error.js";
import { followMarket } from "../venue-tail.js";
import type { VenueTailOptions } from "../venue-tail.js";
import { bookSource } from "../venues/model-streams.js";
import type { FollowedStream, OpenMarket } from "../venues/venue.js";
import type { RelayAddress } from "./nats-flags.js";
import { ownRelay } from "./own-relay.js";

/** What {@link tailRelay} is told on the command line. */
export interface RelayTailOptions {
  readonly address: RelayAddress;
  /** Topics, several in one separated by commas or spaces; none for all that there are. */
  readonly names: readonly string[];
  /** A simulated venue that this process relays itself, beside the relays that run. */
  readonly simulated: VenueTailOptions | undefined;
}

/** Prints what a relay brings, as if the venue's line were here, until the signal. */
export async function tailRelay(
  { address, names, simulated }: RelayTailOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  await using _own =
    simulated === undefined
      ? undefined
      : await ownRelay({ ...simulated, address, onFault: () => undefined });
  await using line = await fromRelay({ ...address, signal });
  const platform = {
    ...nodeRuntime,
    build: (): ReturnType<typeof nodeRuntime.build> => ({ connect: () => Promise.resolve(line) }),
  };
  await followMarket(openRelay(line, names), output, signal, { platform });
}

/** The topics of a relay as the streams of a market. */
function openRelay(line: RelayConnection, names: readonly string[]): OpenMarket<unknown> {
  const asked = names.flatMap((each) => each.split(/[,\s]+/)).filter((each) => each !== "");
  const chosen = asked.length === 0 ? line.topics : [...new Set(asked)];
  return ({ runtime, policy }) => {
    const streams = chosen.map((name): FollowedStream<unknown> => {
      const common = { name, shownAs: name, line: (data: unknown) => jsonText(data) ?? "?" };
      try {
        if (name.startsWith("book:"))
          return { ...common, kind: "book", source: bookSource(line.book(name, policy)) };
        return { ...common, kind: "event", source: line.subscribe(name, { policy }) };
      } catch (error) {
        throw new UsageError(errorLine(error));
      }
    });
    // Nothing is dialled: the session looks for its connection here.
    void runtime.build({}).connect({ url: "", protocols: [], headers: {} });
    return { streams, shutdown: () => line.control.shutdown() };
  };
}
