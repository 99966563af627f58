import type { BookLevel, GapRow, TopicDetail } from "../../src/dash/protocol.js";
import { Chart } from "./chart.js";
import type { ChartData } from "./chart.js";
import { byId, Rows, setText, show } from "./elements.js";
import { count, counted, span, timeOfDay } from "./format.js";
import type { Frames } from "./frames.js";
import type { Model } from "./model.js";

/** The selected topic: its state, its book, its trades and its gaps. */
export class TopicView {
  readonly #section = byId("topic");
  readonly #title = byId("topic-title");
  readonly #state = byId("topic-state");
  readonly #book = byId("book");
  readonly #spread = byId("spread");
  readonly #depth = new Chart(byId("depth"), {
    title: "Depth: quantity up to a price",
    lines: [
      { colour: "bid", isStepped: true },
      { colour: "ask", isStepped: true },
    ],
    isTime: false,
    write: (value) => count(value),
  });
  readonly #trades = byId("trades");
  readonly #tradeRows = new Rows(byId("trade-rows"), ["", "", "number", "number", "number"]);
  readonly #gaps = byId("gaps");
  readonly #noGap = byId("gaps-none");
  readonly #gapsScroll = byId("gaps-scroll");
  readonly #gapRows = new Rows(byId("gap-rows"), ["", "", "", "number", ""]);

  draw({ tick, now }: Model, frames: Frames): void {
    const topic = tick?.topic;
    show(this.#section, topic !== undefined);
    if (topic === undefined) return;
    const { row } = topic;
    setText(this.#title, `${row.kind} ${row.name}`);
    const why = row.cause === undefined ? "" : `; last cause: ${row.cause}`;
    setText(
      this.#state,
      `${row.phase} for ${span(Math.max(0, now - row.since))}, epoch ${row.epoch}, at ` +
        `${row.endpoint === "" ? "an unknown address" : row.endpoint}${why}`,
    );
    this.#drawBook(topic, frames);
    show(this.#trades, topic.trades !== undefined);
    this.#tradeRows.fill(
      (topic.trades ?? []).map(({ at, side, price, quantity, id }) => [
        timeOfDay(at),
        side ?? "–",
        price,
        quantity,
        id,
      ]),
    );
    show(this.#gaps, row.kind !== "book");
    show(this.#noGap, topic.gaps.length === 0);
    show(this.#gapsScroll, topic.gaps.length > 0);
    this.#gapRows.fill(topic.gaps.map(gapTexts));
  }

  recolour(): void {
    this.#depth.recolour();
  }

  #drawBook({ book }: TopicDetail, frames: Frames): void {
    show(this.#book, book !== undefined);
    if (book === undefined) return;
    const [bid, ask] = [book.bids[0], book.asks[0]];
    if (bid === undefined || ask === undefined) {
      setText(this.#spread, "The book is empty while it is not whole.");
      return;
    }
    const spread = Number(ask[0]) - Number(bid[0]);
    const middle = (Number(ask[0]) + Number(bid[0])) / 2;
    const words =
      `bid ${bid[1]} @ ${bid[0]}, ask ${ask[1]} @ ${ask[0]}, spread ${spread.toPrecision(3)} ` +
      `(${((spread / middle) * 10_000).toFixed(2)} bp)`;
    setText(this.#spread, words);
    const { bids, asks } = book;
    frames.draw(this.#depth, () => this.#depth.draw(depth(bids, asks), words));
  }
}

/** Quantities added up from the best price on, by rising price. */
function depth(bids: readonly BookLevel[], asks: readonly BookLevel[]): ChartData {
  const added = (levels: readonly BookLevel[]): readonly (readonly [number, number])[] => {
    let sum = 0;
    return levels.map(([price, quantity]) => [Number(price), (sum += Number(quantity))] as const);
  };
  const below = added(bids).toReversed();
  const above = added(asks);
  return [
    [...below, ...above].map(([price]) => price),
    [...below.map(([, sum]) => sum), ...above.map(() => null)],
    [...below.map(() => null), ...above.map(([, sum]) => sum)],
  ];
}

function gapTexts(gap: GapRow): readonly string[] {
  const { fromSeq, toSeq } = gap;
  const ids =
    fromSeq === undefined || toSeq === undefined
      ? "the venue has no ids"
      : `${fromSeq} to ${toSeq} (${counted(toSeq - fromSeq + 1, "event")})`;
  return [timeOfDay(gap.fromTime), timeOfDay(gap.toTime), gap.reason, count(gap.epoch), ids];
}
