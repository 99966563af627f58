import { expect, it } from "vitest";
import { resilientSuite } from "./suite/resilient.js";
import { connectOnce, nodePlatform } from "./support/node-platform.js";
import { startServer, tcpOf } from "./support/server.js";

resilientSuite(nodePlatform);

it("ResilientWebSocket tells of an error before the close when the peer broke the protocol", async () => {
  const server = await startServer();
  const { story } = connectOnce(server.url);
  await story.nth("open");
  tcpOf(await server.socket(0)).write(Buffer.from([0x83, 0x00]));
  const close = await story.nth("close");
  expect(close.cause).toMatchObject({ kind: "server" });
  expect(story.of("error").map(({ error }) => error)).toEqual([close.cause]);
});
