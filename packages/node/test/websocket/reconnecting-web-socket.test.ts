import { expect, it } from "vitest";
import { ReconnectingWebSocket } from "../../src/websocket/index.js";
import Default from "../../src/websocket/index.js";
import { reconnectingSuite } from "./suite/reconnecting.js";
import { connect, nodePlatform } from "./support/node-platform.js";
import { startServer } from "./support/server.js";

reconnectingSuite(nodePlatform);

it("ReconnectingWebSocket is the default export, and gives a Buffer where it is asked to", async () => {
  expect(Default).toBe(ReconnectingWebSocket);
  const server = await startServer();
  const { socket, story } = connect(server.url, { binaryType: "nodebuffer" });
  (await server.socket(0)).send(Buffer.from("more"));
  expect((await story.nth("message")).data).toEqual(Buffer.from("more"));
  expect(socket.binaryType).toBe("nodebuffer");
});
