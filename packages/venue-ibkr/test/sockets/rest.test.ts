import { describe, expect, it } from "vitest";
import {
  REDIRECTS,
  startEndless,
  startRedirecting,
} from "../../../venue-kit/test/support/rest-trap.js";
import { openSession, startVenue } from "../support/venue.js";

// The gateway's cookies and the signer's headers are in every request.

const SIGNED = { Authorization: "OAuth secret" };

describe.each(REDIRECTS)("a gateway that answers with %i to another host", (status) => {
  it("is not followed: the other host sees no secret, and is not taken for the gateway", async () => {
    const sim = await startVenue();
    const { api, other } = await startRedirecting(status, '{"session":"stolen"}');
    const session = openSession(sim, { restUrl: `${api.url}/v1/api`, sign: () => SIGNED });
    for (const method of ["GET", "POST"] as const) {
      const asked = session.request({ method, path: "/tickle" });
      await expect(asked).rejects.toMatchObject({
        code: "REST_REDIRECTED",
        kind: "server",
        status,
      });
    }
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual([
      "OAuth secret",
      "OAuth secret",
    ]);
    expect(other.sockets).toEqual([]);
  });
});

it("a path that makes another host of the address is refused, and nothing is sent", async () => {
  const sim = await startVenue();
  const { api } = await startRedirecting(302, "{}");
  const session = openSession(sim, { restUrl: api.url, sign: () => SIGNED });
  const { host } = new URL(sim.url);
  const asked = session.request({ method: "GET", path: `@${host}/v1/api/tickle` });
  await expect(asked).rejects.toMatchObject({ code: "REST_REQUEST_INVALID", kind: "client" });
  expect(sim.stats().requests).toEqual([]);
});

it("a gateway whose answer never ends is given up at the bound", async () => {
  const sim = await startVenue();
  const api = await startEndless();
  const session = openSession(sim, { restUrl: api.url });
  const asked = session.request({ method: "GET", path: "/tickle" });
  await expect(asked).rejects.toMatchObject({ code: "REST_TOO_BIG", kind: "server" });
  await expect.poll(() => api.sockets[0]?.destroyed).toBe(true);
  // The bound is 16 MiB; the rest is what buffers of the kernel hold, and was not read.
  expect(api.sockets[0]?.bytesWritten).toBeLessThan(64 * 1_048_576);
});
