import { expect, it } from "vitest";
import { isExempt } from "../../src/proxy/no-proxy.js";

it.each([
  ["*", "venue.test", 443, true],
  ["venue.test", "venue.test", 443, true],
  ["venue.test", "stream.venue.test", 443, true],
  [".venue.test", "stream.venue.test", 443, true],
  ["*.venue.test", "stream.venue.test", 443, true],
  ["VENUE.test", "venue.TEST", 443, true],
  ["venue.test", "othervenue.test", 443, false],
  ["other.test, venue.test", "venue.test", 443, true],
  ["other.test venue.test", "venue.test", 443, true],
  ["venue.test:443", "venue.test", 443, true],
  ["venue.test:80", "venue.test", 443, false],
  ["127.0.0.1", "127.0.0.1", 80, true],
  ["0.0.1", "127.0.0.1", 80, false],
  ["127.0.0.0/8", "127.1.2.3", 80, true],
  ["127.0.0.0/8", "128.1.2.3", 80, false],
  ["127.0.0.0/99", "127.1.2.3", 80, false],
  ["127.0.0.0/8", "venue.test", 80, false],
  ["::1", "[::1]", 80, true],
  ["[::1]", "[::1]", 80, true],
  ["[::1]:81", "[::1]", 80, false],
  ["fd00::/8", "[fd00::7]", 80, true],
  ["", "venue.test", 443, false],
  [" , ", "venue.test", 443, false],
] as const)("NO_PROXY %j and %s port %d: %s", (list, host, port, exempt) => {
  expect(isExempt(list, host, port)).toBe(exempt);
});
