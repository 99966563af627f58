import { once } from "node:events";
import { WebSocket } from "ws";
import { monotonicNs } from "../../clock.js";
import { readStamp } from "../../payload.js";
import type { Recover } from "./index.js";

const OPTIONS = { perMessageDeflate: false };

/**
 * What there is no way around: a dial, from the call to the first frame. Nothing was lost before,
 * so nothing had to be noticed.
 */
export const dial: Recover = async (url, times) => {
  const tookUs: number[] = [];
  for (let i = 0; i < times; i++) {
    const startedAtNs = monotonicNs();
    const ws = new WebSocket(url, OPTIONS);
    await once(ws, "message");
    tookUs.push((monotonicNs() - startedAtNs) / 1e3);
    ws.terminate();
    await once(ws, "close");
  }
  return tookUs;
};

/**
 * What one would write by hand: dial again at once when the connection closes, with no limit and no
 * wait. From the reset to the first frame.
 */
export const redial: Recover = async (url, times) => {
  const tookUs: number[] = [];
  let ws = new WebSocket(url, OPTIONS);
  await once(ws, "message");
  for (let i = 0; i < times; i++) {
    ws.on("error", () => undefined);
    ws.send("reset");
    await once(ws, "close");
    ws = new WebSocket(url, OPTIONS);
    const [data] = (await once(ws, "message")) as [Buffer];
    tookUs.push((monotonicNs() - readStamp(data)) / 1e3);
  }
  ws.terminate();
  return tookUs;
};
