import { expect, it, onTestFinished } from "vitest";
import { openWeb, toWebStreams } from "../src/index.js";
import { FakeWebSocket } from "./support/fake-web-socket.js";

it("a stream is refused what would not fit into the platform's socket, and ends with that", async () => {
  const opening = openWeb("wss://venue.test/", {
    WebSocket: FakeWebSocket,
    config: { send: { maxPendingBytes: 100 } },
  });
  await expect.poll(() => FakeWebSocket.made.length).toBe(1);
  const platform = FakeWebSocket.last;
  platform.open();
  const connection = await opening;
  onTestFinished(() => connection.control.shutdown({ timeoutMs: 0 }));
  const { readable, writable } = toWebStreams(connection);
  const writer = writable.getWriter();
  await writer.write("fits");
  await writer.ready;
  platform.bufferedAmount = 99;
  const refused = { code: "SEND_QUEUE_FULL" };
  await expect(writer.write("too much")).rejects.toMatchObject(refused);
  await expect(writer.closed).rejects.toMatchObject(refused);
  expect(platform.sent).toEqual(["fits"]);
  // The other side goes on.
  platform.message("still read");
  const { value } = await readable.getReader().read();
  expect(value?.text()).toBe("still read");
});
