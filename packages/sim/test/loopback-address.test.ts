import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { loopbackAddress } from "@oath-ws/sim";

async function listen(host: string, port = 0): Promise<number> {
  const server = createServer().listen(port, host);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

it.skipIf(process.platform === "darwin")(
  "two addresses differ, and no other server of the machine takes their ports",
  async () => {
    const port = await listen("127.0.0.1");
    const addresses = [loopbackAddress(), loopbackAddress()];
    expect(new Set(addresses).size).toBe(2);
    for (const address of addresses) expect(await listen(address, port)).toBe(port);
  },
);
