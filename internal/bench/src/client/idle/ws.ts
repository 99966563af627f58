import { openWs } from "../open-ws.js";
import type { OpenIdle } from "./index.js";

export const openIdle: OpenIdle = async (url) => {
  const ws = await openWs(url);
  ws.on("message", () => undefined);
  return () =>
    new Promise((resolve) => {
      ws.on("close", () => resolve());
      ws.terminate();
    });
};
