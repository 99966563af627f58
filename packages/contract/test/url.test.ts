import { describe, expect, it } from "vitest";
import { urlFault, urlHost, urlOrigin } from "../src/index.js";

const CANARY = "canary4711";

describe("urlFault", () => {
  it.each([
    "ws://example.com",
    "wss://example.com/ws",
    "wss://stream.example.com:9443/stream?streams=btcusdt@trade",
    "WSS://EXAMPLE.com/",
    "ws://127.0.0.1:8080",
    "wss://[::1]:8443/x",
    "wss://user:password@example.com/",
    "wss://bücher.example/",
  ])("has nothing against %s", (url) => {
    expect(urlFault(url)).toBeUndefined();
  });

  it.each([
    ["nothing at all", "", "empty"],
    ["blanks", "   ", "empty"],
    ["a bare host", `example.com/${CANARY}`, "not absolute"],
    ["a relative path", `/ws?token=${CANARY}`, "not absolute"],
    ["a host without a name", "wss://", "cannot be parsed"],
    ["a host with blanks", `wss://exa mple.com/${CANARY}`, "cannot be parsed"],
    ["a port out of range", `wss://example.com:99999/${CANARY}`, "cannot be parsed"],
    ["a port that is no number", `wss://example.com:port/${CANARY}`, "cannot be parsed"],
    ["https", `https://example.com/${CANARY}`, '"https:"'],
    ["http", `http://example.com/?t=${CANARY}`, '"http:"'],
    ["a file", `file:///${CANARY}`, '"file:"'],
    ["a fragment", `wss://example.com/#${CANARY}`, "fragment"],
    ["an empty fragment", `wss://example.com/${CANARY}#`, "fragment"],
  ])("names what is wrong with %s and does not repeat the URL", (_, url, naming) => {
    const fault = urlFault(url);
    expect(fault).toContain(naming);
    expect(fault).not.toContain(CANARY);
    if (url.trim() !== "") expect(fault).not.toContain(url);
  });

  it.each([
    ["null", null, "null"],
    ["undefined", undefined, "undefined"],
    ["a number", 8080, "number"],
    ["a URL object", new URL("wss://example.com"), "object"],
  ])("asks for a string when given %s", (_, url, type) => {
    expect(urlFault(url)).toBe(`the URL must be a string, got ${type}`);
  });
});

describe("urlOrigin", () => {
  it.each([
    ["a query", `wss://example.com/?token=${CANARY}`, "wss://example.com"],
    ["a path, which may be a listen key", `wss://example.com/ws/${CANARY}`, "wss://example.com"],
    [
      "a user name and a password",
      `wss://${CANARY}:${CANARY}@example.com:8443/`,
      "wss://example.com:8443",
    ],
    ["a fragment", `wss://example.com/#${CANARY}`, "wss://example.com"],
    ["a URL that cannot be parsed", `wss://${CANARY}:x y`, "(invalid URL)"],
  ])("leaves out %s", (_, url, shown) => {
    expect(urlOrigin(url)).toBe(shown);
  });
});

describe("urlHost", () => {
  it("is host and port in lower case, whatever the path, the query and the credentials", () => {
    expect(urlHost("wss://A.Example.com:9443/x")).toBe("a.example.com:9443");
    expect(urlHost(`wss://u:${CANARY}@a.example.com:9443/y?z`)).toBe("a.example.com:9443");
  });

  it("leaves out a default port, so that both spellings share a budget", () => {
    expect(urlHost("wss://example.com:443/")).toBe(urlHost("wss://example.com/"));
    expect(urlHost("ws://example.com:80/")).toBe("example.com");
  });

  it("gives unparsable URLs one key that shows nothing", () => {
    expect(urlHost(`not a url ${CANARY}`)).toBe("(invalid URL)");
  });
});
