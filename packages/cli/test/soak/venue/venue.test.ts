import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { PLAIN_DIALECT } from "../../../src/soak/driver.js";
import { Venue } from "../../../src/soak/venue/venue.js";

it.skipIf(process.platform === "darwin")(
  "the venue comes back on its port, though another server listens on that of 127.0.0.1 meanwhile",
  async () => {
    const venue = await Venue.start(PLAIN_DIALECT);
    const { url } = venue;
    await venue.goDown();
    const other = createServer().listen(Number(new URL(url).port), "127.0.0.1");
    await once(other, "listening");
    try {
      await venue.comeBack();
      expect(venue.url).toBe(url);
    } finally {
      other.close();
      await venue.stop();
    }
  },
);
