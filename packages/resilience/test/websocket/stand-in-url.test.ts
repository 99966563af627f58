import { describe, expect, it } from "vitest";
import { SharedGate } from "../../src/core/shared-gate.js";
import { StandInUrl } from "../../src/websocket/stand-in-url.js";

const sharedGate = new SharedGate();
const LIMIT = { max: 2, windowMs: 1000 };

/** An attempt that is made when the gate lets it. */
function attempt(url: string, now: number): number {
  const request = { url, limit: LIMIT, asked: false, provenUntil: -Infinity, now };
  const ticket = sharedGate.reserve(request, () => undefined);
  const at = ticket.at ?? Number.NaN;
  if (!sharedGate.claim(ticket, now)) sharedGate.release(ticket, now);
  return at;
}

describe("the attempts of a socket whose URL is asked for", () => {
  it("count for no other key while the URL is not known", () => {
    const [one, two] = [new StandInUrl(sharedGate), new StandInUrl(sharedGate)];
    expect(one.href).not.toBe(two.href);
    expect([attempt(one.href, 0), attempt(one.href, 0), attempt(one.href, 0)]).toEqual([
      0, 0, 1000,
    ]);
    expect(attempt(two.href, 0)).toBe(0);
  });

  it("count with those of the host that the function named, the attempt under way included", () => {
    const standIn = new StandInUrl(sharedGate);
    attempt(standIn.href, 0);
    standIn.learn("wss://one.test/a", LIMIT, 0);
    standIn.learn("wss://one.test/b", LIMIT, 0);
    expect([attempt("wss://one.test/", 0), attempt(standIn.href, 0)]).toEqual([0, 1000]);
    sharedGate.block("wss://two.test/", 7000, 1);
    standIn.learn("wss://two.test/", LIMIT, 1);
    expect(attempt(standIn.href, 1)).toBe(7000);
    standIn.forget();
    expect(attempt(standIn.href, 2)).toBe(2);
  });
});
