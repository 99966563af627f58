import type { Point } from "../../src/dash/protocol.js";
import { Chart } from "./chart.js";
import { byId, setText, show } from "./elements.js";
import { bytesRate, count, span } from "./format.js";
import type { Frames } from "./frames.js";
import type { Model } from "./model.js";

interface Curve {
  readonly title: string;
  readonly of: (point: Point) => number | undefined;
  readonly write: (value: number) => string;
  readonly isCount?: boolean;
}

const CURVES: readonly Curve[] = [
  {
    title: "Frames a second",
    isCount: true,
    of: ({ framesPerS }) => framesPerS,
    write: (value) => count(Math.round(value)),
  },
  { title: "Bytes a second", of: ({ bytesPerS }) => bytesPerS, write: bytesRate },
  { title: "Age of the data", of: ({ dataAgeMs }) => dataAgeMs, write: span },
  { title: "Round trip", of: ({ roundTripMs }) => roundTripMs, write: span },
  {
    title: "Frames dropped in half a second",
    isCount: true,
    of: ({ lagged }) => lagged,
    write: (value) => count(Math.round(value)),
  },
];

/** The selected connection: its curves, and the steps of its last dial. */
export class Detail {
  readonly #section = byId("detail");
  readonly #title = byId("detail-title");
  readonly #dial = byId("dial");
  readonly #charts = CURVES.map((curve) => ({
    curve,
    chart: new Chart(byId("charts"), {
      title: curve.title,
      lines: [{ colour: "line" }],
      isTime: true,
      isCount: curve.isCount ?? false,
      write: curve.write,
    }),
  }));

  draw(model: Model, frames: Frames, selected: number | undefined): void {
    const figures = model.figuresOf(selected);
    const detail = model.tick?.connection;
    show(this.#section, figures !== undefined);
    if (figures === undefined) return;
    setText(this.#title, `Connection ${figures.name}`);
    const steps = detail?.dial ?? [];
    const words = steps.map(({ step, elapsedMs }) => `${step} ${span(elapsedMs)}`).join(", ");
    setText(this.#dial, words === "" ? "" : `Last dial, since its start: ${words}`);
    for (const { curve, chart } of this.#charts)
      frames.draw(chart, () => {
        const { points, now } = model;
        const values = points.map((point) => curve.of(point) ?? null);
        const last = values.at(-1);
        const range = [(now - model.windowMs) / 1_000, now / 1_000] as const;
        chart.draw(
          [points.map(({ at }) => at / 1_000), values],
          last === undefined || last === null ? "not known" : `${curve.write(last)} now`,
          range,
        );
      });
  }

  recolour(): void {
    for (const { chart } of this.#charts) chart.recolour();
  }
}
