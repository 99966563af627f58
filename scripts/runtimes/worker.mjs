// What workerd runs, in one bundle: the smoke test of the other runtimes and the conformance suite
// of the web leaf, whose servers are asked for by way of `servers`, and the drop-in class.
import { lingeringSockets, openWeb } from "../../packages/web/dist/index.js";
import { ReconnectingWebSocket } from "../../packages/web/dist/websocket/index.js";
import { ProbePage } from "../../packages/web/test/browser/page.ts";
import { readThroughReconnect } from "./read-through-reconnect.mjs";

const config = { backoff: { minMs: 10, maxMs: 100 } };

const TASKS = {
  async smoke(url) {
    const read = await readThroughReconnect(await openWeb(url, { config }));
    return { ...read, lingering: lingeringSockets() };
  },
  /** The same by its events. */
  async dropIn(url) {
    const socket = new ReconnectingWebSocket(url, [], { config });
    let frames = 0;
    return new Promise((resolve, reject) => {
      socket.addEventListener("message", ({ seq }) => {
        if (seq !== ++frames) reject(new Error(`frame ${seq} came as number ${frames}`));
        if (frames === 20) socket.reconnect();
        if (frames === 40) socket.close(3001, "enough");
      });
      socket.addEventListener("close", ({ code, epoch, willReconnect }) => {
        if (!willReconnect) resolve({ frames, epoch, code });
      });
    });
  },
  async conformance(servers) {
    let calls = 0;
    globalThis.serverCall = async (call) =>
      (await fetch(`${servers}?call=${calls++}`, { method: "POST", body: call })).text();
    return new ProbePage().conformance(0, 1, []);
  },
};

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    try {
      return Response.json(await TASKS[pathname.slice(1)](searchParams.get("url")));
    } catch (error) {
      return Response.json({ error: String(error) }, { status: 500 });
    }
  },
};
