import { expect, it } from "vitest";
import { faultsSuite } from "./suite/faults.js";
import { connect, nodePlatform } from "./support/node-platform.js";
import { startServer } from "./support/server.js";

faultsSuite(nodePlatform);

it("a socket gives up when its credentials stay refused, after a few tries", async () => {
  const server = await startServer();
  server.refuse(401, 401);
  const { socket, story } = connect(server.url, {
    config: { attempts: { permanentRetries: 1 } },
  });
  const close = await story.nth("close");
  expect(close).toMatchObject({ code: 1006, wasClean: false, epoch: 0, willReconnect: false });
  expect(close.cause).toMatchObject({ kind: "auth", status: 401 });
  expect(story.words).toEqual(["error UPGRADE_REFUSED", "error UPGRADE_REFUSED", "close 1006"]);
  expect(socket.readyState).toBe(socket.CLOSED);
  expect(socket.lifecycle.snapshot.phase).toBe("unrecoverable");
});
