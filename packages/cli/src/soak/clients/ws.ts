import { WebSocket } from "ws";
import { PLAIN_DIALECT, plainId } from "../driver.js";
import type { SoakDriver } from "../driver.js";

/** The bare client of `ws`, which connects once. */
const driver: SoakDriver = {
  title: "ws, bare",
  dialect: PLAIN_DIALECT,
  notes: { all: "connects once: what follows a break is the application's" },
  start: ({ url, frame, said, closed }) => {
    const socket = new WebSocket(url);
    socket.on("message", (data: Buffer) => void frame(plainId(data.toString()), data));
    socket.on("error", ({ message }) => said("down", message));
    socket.on("close", (code) => closed(`close ${code}`));
    return {
      send: (text) =>
        new Promise<void>((resolve, reject) => {
          socket.send(text, (error) => (error ? reject(error) : resolve()));
        }),
    };
  },
};

export default driver;
