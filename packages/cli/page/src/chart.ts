import uPlot from "uplot";
import { colours } from "./colours.js";
import { add } from "./elements.js";
import { shortTime } from "./format.js";
import { sizeOf, watchSize } from "./sizes.js";

/** A line of a {@link Chart}. */
export interface ChartLine {
  readonly colour: "line" | "bid" | "ask";
  readonly isStepped?: boolean;
}

/** How a chart looks. */
export interface ChartOptions {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  /** Whether the horizontal axis is a time; otherwise a price. */
  readonly isTime: boolean;
  /** Whether the vertical axis counts things. */
  readonly isCount?: boolean;
  /** Writes a value of the vertical axis. */
  readonly write: (value: number) => string;
}

/** What {@link Chart.draw} takes: the horizontal values, and one list of values for each line. */
export type ChartData = readonly [
  x: readonly number[],
  ...lines: readonly (readonly (number | null)[])[],
];

const HEIGHT = 110;

/** Steps of an axis that counts things. */
const WHOLE_STEPS = Array.from({ length: 8 }, (_, power) =>
  [1, 2, 5].map((n) => n * 10 ** power),
).flat();

/** A small chart with its title; for screen readers it is a picture with its newest value. */
export class Chart {
  readonly #options: ChartOptions;
  readonly #figure: HTMLElement;
  readonly #body: HTMLElement;
  #plot: uPlot | undefined;

  constructor(parent: Element, options: ChartOptions) {
    this.#options = options;
    this.#figure = add(parent, "figure", "chart");
    add(this.#figure, "figcaption", "", options.title);
    this.#body = add(this.#figure, "div");
    this.#body.setAttribute("role", "img");
    this.#body.setAttribute("aria-label", options.title);
    watchSize(this.#body);
  }

  /** @param words what the chart shows, for screen readers */
  draw(data: ChartData, words: string, range?: readonly [number, number]): void {
    const { width } = sizeOf(this.#body);
    if (width === 0) return;
    const aligned = data as unknown as uPlot.AlignedData;
    this.#plot ??= new uPlot(this.#uplot(width), aligned, this.#body);
    if (this.#plot.width !== width) this.#plot.setSize({ width, height: HEIGHT });
    this.#plot.setData(aligned, range === undefined);
    if (range !== undefined) this.#plot.setScale("x", { min: range[0], max: range[1] });
    this.#body.setAttribute("aria-label", `${this.#options.title}: ${words}`);
  }

  /** Draws with other colours from now on. */
  recolour(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #uplot(width: number): uPlot.Options {
    const { lines, isTime, isCount = false, write } = this.#options;
    const paint = colours();
    const axis = {
      stroke: paint.text,
      grid: { stroke: paint.grid, width: 1 },
      font: "11px system-ui",
    };
    const stepped = uPlot.paths.stepped?.({ align: 1 });
    return {
      width,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: isTime },
        y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] },
      },
      axes: [
        {
          ...axis,
          size: 24,
          space: 70,
          ...(isTime && { values: (_plot, values) => values.map((at) => shortTime(at * 1_000)) }),
        },
        {
          ...axis,
          size: 78,
          values: (_plot, values) => values.map((value) => write(value)),
          ...(isCount && { incrs: WHOLE_STEPS }),
        },
      ],
      series: [
        {},
        ...lines.map(({ colour, isStepped = false }) => ({
          stroke: paint[colour],
          width: 1.5,
          points: { show: false },
          ...(isStepped ? { fill: `${paint[colour]}33` } : {}),
          ...(isStepped && stepped !== undefined ? { paths: stepped } : {}),
        })),
      ],
    };
  }
}
