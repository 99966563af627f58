import { isWsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import {
  REDIRECTS,
  startEndless,
  startRedirecting,
} from "../../../venue-kit/test/support/rest-trap.js";
import { openMarket, openUserData, startVenue } from "../support/venue.js";

// The API key is in a header of every request for the account, and its signature in the address.

describe.each(REDIRECTS)("a REST API that answers with %i to another host", (status) => {
  it("is not followed for the account, whose keys the other host does not see", async () => {
    const sim = await startVenue();
    const { api, other } = await startRedirecting(status, '{"balances":[]}');
    const faults: unknown[] = [];
    const user = openUserData(sim, { restUrl: api.url, onFault: (error) => faults.push(error) });
    await expect.poll(() => faults.length, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(faults[0]).toMatchObject({ code: "REST_REDIRECTED", kind: "server", status });
    expect(api.requests[0]?.headers["x-mbx-apikey"]).toBe(sim.account().apiKey);
    expect(user.state.snapshot.phase).not.toBe("live");
    expect(other.sockets).toEqual([]);
  });

  it("is not followed for a book, which stays empty", async () => {
    const sim = await startVenue();
    const { api, other } = await startRedirecting(status, '{"lastUpdateId":1,"bids":[],"asks":[]}');
    const book = openMarket(sim, { restUrl: api.url }).book("BTCUSDT");
    await expect
      .poll(() => book.state.snapshot.cause?.code, { timeout: 10_000 })
      .toBe("REST_REDIRECTED");
    expect(book.state.snapshot.phase).not.toBe("live");
    expect(other.sockets).toEqual([]);
  });
});

it("a REST API whose answer never ends is given up at the bound", async () => {
  const sim = await startVenue();
  const api = await startEndless();
  const faults: unknown[] = [];
  openUserData(sim, { restUrl: api.url, onFault: (error) => faults.push(error) });
  await expect.poll(() => faults.find(isWsError)?.code, { timeout: 15_000 }).toBe("REST_TOO_BIG");
  await expect.poll(() => api.sockets[0]?.destroyed).toBe(true);
  // The bound is 16 MiB; the rest is what buffers of the kernel hold, and was not read.
  expect(api.sockets[0]?.bytesWritten).toBeLessThan(64 * 1_048_576);
});
