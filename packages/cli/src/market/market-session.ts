import type { GapRecord, StreamPolicy, TopicEvent } from "@oath-ws/venue-kit";
import type { nodeRuntime } from "oath-ws";
import { firstEpoch } from "../first-epoch.js";
import { printLifecycle } from "../lifecycle-lines.js";
import type { Output } from "../output.js";
import type { FollowedMarket, FollowedStream, OpenMarket } from "../venues/venue.js";
import { ConnectionLog } from "./connection-log.js";
import { gapsSince } from "./gaps-since.js";
import { errorLine } from "../error-line.js";
import {
  eventLine,
  eventRecord,
  faultRecord,
  gapLine,
  gapRecord,
  topicLine,
  topicRecord,
} from "./market-lines.js";
import { marketSummary } from "./market-summary.js";
import type { MarketSummary, StreamTally } from "./market-summary.js";

/** What a {@link MarketSession} follows, and who looks over its shoulder. */
export interface MarketSessionOptions<Data> {
  readonly open: OpenMarket<Data>;
  readonly policy?: StreamPolicy;
  /** What connections are made with. Default: the real platform. */
  readonly platform?: typeof nodeRuntime;
  readonly output: Output;
  /** Ends the session. */
  readonly signal: AbortSignal;
  /** Whether people are shown the events of a stream. Default: of all. */
  readonly shows?: (stream: FollowedStream<Data>) => boolean;
  /** Called with every event that was read, after {@link onGap} with the gaps before it. */
  readonly onEvent?: (stream: FollowedStream<Data>, event: TopicEvent<Data>) => Promise<void>;
  readonly onGap?: (gap: GapRecord) => void;
  /**
   * Waited for before the next event is read: a command that plays the slow consumer waits here.
   */
  readonly pace?: () => Promise<void>;
  /** Waited for between the signal and the shutdown. */
  readonly beforeEnd?: () => Promise<void>;
}

interface Reader<Data> {
  readonly stream: FollowedStream<Data>;
  events: number;
}

/** Streams of a venue's adapter, and everything that happens to them, printed. */
export class MarketSession<Data> {
  readonly connections: ConnectionLog;
  readonly #options: MarketSessionOptions<Data>;
  readonly #market: FollowedMarket<Data>;
  readonly #readers: readonly Reader<Data>[];
  readonly #watching: Promise<void>[] = [];
  #unreadable = 0;
  #failure: unknown;

  /** Dials at once. Throws a ConfigError for market options that cannot work. */
  constructor(options: MarketSessionOptions<Data>) {
    this.#options = options;
    this.connections = new ConnectionLog(options.platform);
    this.#market = options.open({
      runtime: this.connections.runtime,
      policy: options.policy,
      onUnreadable: () => {
        this.#unreadable++;
      },
      onFault: (error) => void this.#fault(error),
    });
    this.#readers = this.#market.streams.map((stream) => ({ stream, events: 0 }));
  }

  /**
   * Prints until the signal, until every stream was refused, or until the output's reader is gone.
   * Rejects when there never was a connection; resolves with the error of a stream that failed
   * later.
   */
  async run(): Promise<unknown> {
    const { signal, output } = this.#options;
    const end = (): void => void this.#end();
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
    try {
      await firstEpoch(await this.connections.first);
      this.connections.watch((lifecycle, connection) =>
        this.#watching.push(printLifecycle(lifecycle, output, { connection })),
      );
      for (const { stream } of this.#readers) this.#watching.push(this.#watch(stream));
      await Promise.all(this.#readers.map((reader) => this.#read(reader)));
    } finally {
      signal.removeEventListener("abort", end);
      await this.#market.shutdown();
      await Promise.all(this.#watching);
    }
    return this.#failure;
  }

  /** What became of the streams so far. */
  summary(): MarketSummary {
    const streams: Record<string, StreamTally> = {};
    for (const { stream, events } of this.#readers) {
      const { gapCount, discarded, replaced } = stream.source;
      const tally = { events, gaps: gapCount, discarded };
      streams[stream.name] = replaced === undefined ? tally : { ...tally, replaced };
    }
    return marketSummary(streams, this.connections.totals(), this.#unreadable);
  }

  async #end(): Promise<void> {
    await this.#options.beforeEnd?.();
    await this.#market.shutdown();
  }

  async #fault(error: unknown): Promise<void> {
    const { output } = this.#options;
    await output.show(
      () => faultRecord(error),
      () => `${output.stamp()} !! ${errorLine(error)}`,
    );
  }

  async #read(reader: Reader<Data>): Promise<void> {
    const { stream } = reader;
    const { source } = stream;
    const { output, shows, onEvent, pace } = this.#options;
    let told = 0;
    try {
      for await (const event of source) {
        reader.events++;
        const fresh = gapsSince(told, source);
        told = source.gapCount;
        await this.#tell(fresh);
        await onEvent?.(stream, event);
        await output.show(
          () => eventRecord(stream, event),
          () =>
            shows?.(stream) === false ? undefined : `${output.stamp()} ${eventLine(stream, event)}`,
        );
        if (output.broken) void this.#market.shutdown();
        await pace?.();
      }
    } catch (error) {
      // The others go on: a refused stream says nothing about them.
      this.#failure ??= error;
    }
  }

  async #tell(gaps: readonly GapRecord[]): Promise<void> {
    const { output, onGap } = this.#options;
    for (const gap of gaps) {
      onGap?.(gap);
      await output.show(
        () => gapRecord(gap),
        () => `${output.stamp()} ${gapLine(gap)}`,
      );
    }
  }

  async #watch({ name, source }: FollowedStream<Data>): Promise<void> {
    const { output } = this.#options;
    let before = { phase: "", epoch: -1 };
    for await (const snapshot of source.state) {
      const { phase, epoch } = snapshot;
      if (phase === before.phase && epoch === before.epoch) continue;
      before = { phase, epoch };
      await output.show(
        () => topicRecord(name, snapshot),
        () => `${output.stamp()} ${topicLine(name, snapshot)}`,
      );
    }
  }
}
