import type { Part } from "../../plan.js";
import type { Results } from "../../results.js";
import { EVENT_LABELS, EVENT_MIXES, RECEIVE_LABELS, SEND_LABELS } from "../../rows.js";
import { allocationPlot } from "./allocation.js";
import { connectionsPlot } from "./connections.js";
import { latencyPlot } from "./latency.js";
import { memoryPlot } from "./memory.js";
import type { Plot } from "./plot.js";
import { reconnectPlot } from "./reconnect.js";
import { timedPanel } from "./timed-panel.js";

/** The picture of a part. */
export const PLOTS: Readonly<Record<Part, (results: Results) => Plot>> = {
  receive: receivePlot,
  send: sendPlot,
  latency: latencyPlot,
  reconnect: reconnectPlot,
  memory: memoryPlot,
  connections: connectionsPlot,
  allocation: allocationPlot,
  events: eventsPlot,
};

/** Without the raw TCP reader, beside which all others would be short. */
function receivePlot({ plan, receive }: Results): Plot {
  const panels = plan.sizes.map((size) => {
    const cells = receive.filter((cell) => cell.size === size && cell.row !== "tcp");
    return timedPanel(`${size} B`, cells, RECEIVE_LABELS);
  });
  return {
    name: "receive",
    title: "Frames received per second, as a multiple of a bare ws listener",
    panels,
  };
}

function sendPlot({ plan, send }: Results): Plot {
  const panels = plan.send.sizes.map((size) =>
    timedPanel(
      `${size} B`,
      send.filter((cell) => cell.size === size),
      SEND_LABELS,
    ),
  );
  return {
    name: "send",
    title: "Frames sent per second, as a multiple of ws.send with a callback",
    panels,
  };
}

function eventsPlot({ events }: Results): Plot {
  const panels = EVENT_MIXES.map((mix) =>
    timedPanel(
      mix,
      events.filter((cell) => cell.mix === mix),
      EVENT_LABELS,
    ),
  );
  return {
    name: "events",
    title: "Parsed events per second, as a multiple of ws and JSON.parse by hand",
    panels,
  };
}
