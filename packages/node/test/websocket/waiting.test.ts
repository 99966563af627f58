import { AttemptGate } from "@oath-ws/resilience";
import { expect, it } from "vitest";
import { connect, connectOnce } from "./support/node-platform.js";
import { startServer } from "./support/server.js";

it("of 30 sockets to one host each one either opens or says until when it waits", async () => {
  const server = await startServer();
  const gate = new AttemptGate();
  const all = Array.from({ length: 30 }, (_, index) =>
    (index % 2 === 0 ? connect : connectOnce)(server.url, { gate }),
  );
  const before = performance.now();
  await Promise.all(
    all.map(({ story }) =>
      story.until(() => story.of("open").length + story.of("waiting").length > 0),
    ),
  );
  const waiting = all.filter(({ story }) => story.of("waiting").length > 0);
  expect(waiting.length).toBeGreaterThanOrEqual(10);
  for (const { socket, story } of waiting) {
    expect(socket.readyState).toBe(socket.CONNECTING);
    expect(story.words).toEqual(["waiting"]);
    const [event] = story.of("waiting");
    expect(event?.waitingFor).toBe("gate");
    expect(event?.until).toBeGreaterThan(before);
    expect(event?.until).toBe(socket.lifecycle.snapshot.waitingUntil);
  }
  for (const { story } of all.filter((one) => !waiting.includes(one)))
    expect(story.words).toEqual(["open 1"]);
});
