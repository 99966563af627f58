import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { resetSocket } from "../src/reset-socket.js";

/** The two ends of a connection. */
async function pair(): Promise<{ ours: Socket; theirs: Socket }> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const theirs = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [ours] = await accepted;
  onTestFinished(() => {
    ours.destroy();
    theirs.destroy();
    server.close();
  });
  return { ours, theirs };
}

/** How a socket ended, as its owner hears of it. */
function ending(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "an error"));
    socket.once("close", () => resolve("closed"));
  });
}

describe("resetSocket", () => {
  it("is a reset to the peer", async () => {
    const { ours, theirs } = await pair();
    const end = ending(theirs.resume());
    resetSocket(ours);
    expect(await end).toBe("ECONNRESET");
  });

  it("leaves nothing behind when our end is just on its way out", async () => {
    const { ours, theirs } = await pair();
    const errors: Error[] = [];
    ours.on("error", (error) => errors.push(error));
    const end = ending(theirs.resume());
    ours.end();
    resetSocket(ours);
    await once(ours, "close");
    await end;
    expect(errors).toEqual([]);
  });
});
