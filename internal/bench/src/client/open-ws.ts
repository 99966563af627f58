import { WebSocket } from "ws";

/** A bare `ws` client. Compression is not even offered, as in the stack. */
export function openWs(url: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url, { perMessageDeflate: false });
    ws.on("error", reject);
    ws.on("close", (code) => reject(new Error(`closed with ${code}`)));
    ws.on("open", () => resolve(ws));
  });
}
