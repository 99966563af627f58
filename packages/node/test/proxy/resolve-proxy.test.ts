import type { ConfigIssue } from "@oath-ws/contract";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { resolveProxy } from "../../src/proxy/resolve-proxy.js";

const NAMES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];

beforeEach(() => {
  for (const name of NAMES.flatMap((each) => [each, each.toUpperCase()])) vi.stubEnv(name, "");
});
afterEach(() => void vi.unstubAllEnvs());

const shown = (option: unknown, url: string): string | undefined =>
  resolveProxy(option, [])?.(new URL(url))?.origin;

describe("the option proxy", () => {
  it("is a URL, whatever the environment says", () => {
    vi.stubEnv("http_proxy", "http://other:1");
    vi.stubEnv("no_proxy", "*");
    expect(shown("http://proxy:3128", "ws://venue.test/")).toBe("http://proxy:3128");
    expect(shown("https://proxy", "wss://venue.test/")).toBe("https://proxy:443");
    expect(resolveProxy("http://[::1]:3128/", [])?.(new URL("ws://v/"))).toMatchObject({
      host: "::1",
      port: 3128,
    });
  });

  it("that is absent means none, whatever the environment says", () => {
    vi.stubEnv("all_proxy", "http://other:1");
    expect(resolveProxy(undefined, [])).toBeUndefined();
  });

  it("decodes credentials", () => {
    const address = resolveProxy("http://us%40er:p%3Aw@proxy:1", [])?.(new URL("ws://v/"));
    expect(address?.authorization).toBe(`Basic ${btoa("us@er:p:w")}`);
    expect(address?.origin).toBe("http://proxy:1");
  });

  it.each([
    "",
    "proxy:3128",
    "socks5://user:canary@proxy:1",
    "http://user:canary@proxy/path",
    "http://proxy/?canary",
    "http://user:canary@:1",
    7,
    null,
  ])("%j is an issue that shows no value", (option) => {
    const issues: ConfigIssue[] = [];
    resolveProxy(option, issues);
    expect(issues).toMatchObject([{ path: "proxy" }]);
    expect(JSON.stringify(issues)).not.toContain("canary");
  });
});

describe('proxy: "env"', () => {
  it("takes the variable for the URL's protocol, then all_proxy, at each dial", () => {
    expect(shown("env", "ws://venue.test/")).toBeUndefined();
    vi.stubEnv("ALL_PROXY", "http://all:1");
    expect(shown("env", "ws://venue.test/")).toBe("http://all:1");
    vi.stubEnv("HTTP_PROXY", "http://plain:1");
    vi.stubEnv("https_proxy", "secure:2");
    expect(shown("env", "ws://venue.test/")).toBe("http://plain:1");
    expect(shown("env", "wss://venue.test/")).toBe("http://secure:2");
    vi.stubEnv("http_proxy", "http://lower:1");
    expect(shown("env", "ws://venue.test/")).toBe("http://lower:1");
  });

  it("obeys no_proxy", () => {
    vi.stubEnv("all_proxy", "http://all:1");
    vi.stubEnv("no_proxy", "venue.test:443");
    expect(shown("env", "wss://venue.test/")).toBeUndefined();
    expect(shown("env", "ws://venue.test/")).toBe("http://all:1");
  });

  it("names a variable that cannot be used, without its value", () => {
    vi.stubEnv("all_proxy", "socks5://user:canary@proxy:1");
    const dial = (): unknown => shown("env", "ws://venue.test/");
    expect(dial).toThrow(
      expect.objectContaining({
        code: "HANDSHAKE_OPTIONS_INVALID",
        message: "the environment variable all_proxy names no http: or https: proxy",
      }),
    );
  });
});
