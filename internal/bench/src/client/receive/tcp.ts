import { connect } from "node:net";
import type { Socket } from "node:net";
import type { OpenReceiver } from "../receiver.js";

const END_OF_HEAD = "\r\n\r\n";

/** The ceiling: the same bytes, counted and thrown away. */
export const openReceiver: OpenReceiver = async (url, sink) => {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==${END_OF_HEAD}`,
  );
  await upgraded(socket);
  socket.on("data", (chunk: Buffer) => sink.raw(chunk.length));
  return {
    fault: () => undefined,
    close: async () => {
      socket.destroy();
    },
  };
};

/** The feeder sends nothing behind the response before it is told to. */
function upgraded(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let head = "";
    const onData = (chunk: Buffer): void => {
      head += chunk.toString("latin1");
      if (!head.endsWith(END_OF_HEAD)) return;
      socket.off("data", onData);
      resolve();
    };
    socket.on("data", onData);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the feeder hung up")));
  });
}
