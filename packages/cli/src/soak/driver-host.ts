// The process of one driver: loads the module, starts its client when told to, and reports what it
// does.
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { Application } from "./application.js";
import { checkDriver } from "./check-driver.js";
import type { DriverContext, DriverHandle, SoakDriver } from "./driver.js";
import type { FromDriver, ToDriver } from "./messages.js";

const REPORT_INTERVAL_MS = 20;
const MEMORY_INTERVAL_MS = 200;

// The channel is ours alone: a library that finds `process.send` takes its parent for a process
// manager, and tells it that it is ready.
const channel = process.send?.bind(process);
delete process.send;

let ranges: [number, number][] = [];
const application = new Application((id) => {
  const newest = ranges.at(-1);
  if (newest !== undefined && newest[1] === id - 1) newest[1] = id;
  else ranges.push([id, id]);
});

let handle: DriverHandle | undefined;
let rejectNext = false;
let sending: NodeJS.Timeout | undefined;
let sends = 0;

function report(message: FromDriver): void {
  // The parent may be gone already; then there is no one to tell.
  if (process.connected) channel?.(message, undefined, undefined, () => undefined);
}

function flush(): void {
  if (ranges.length === 0) return;
  report({ type: "frames", ranges });
  ranges = [];
}

/** What comes before a word was before it: the order counts. */
function tell(message: FromDriver): void {
  flush();
  report(message);
}

function memory(): void {
  report({ type: "memory", rssBytes: process.memoryUsage.rss() });
}

function context(url: string): DriverContext {
  return {
    url,
    provideUrl: async () => {
      // As a real one, it has to ask a server.
      await sleep(1);
      if (!rejectNext) return url;
      rejectNext = false;
      throw new Error("the token service is down");
    },
    frame: (id, payload) => {
      if (Number.isSafeInteger(id) && id > 0) return application.take(id, payload);
      failed(new Error(`it reports a frame with the number ${String(id)}`));
      return undefined;
    },
    said: (what, detail = "") => tell({ type: "said", what, detail }),
    lost: (count) => tell({ type: "lost", count }),
    closed: (detail = "") => tell({ type: "closed", detail }),
  };
}

async function send(): Promise<void> {
  const id = ++sends;
  report({ type: "sending", id });
  try {
    if ((await handle?.send?.(JSON.stringify({ soak: id }))) === false)
      report({ type: "refused", id });
  } catch {
    report({ type: "refused", id });
  }
}

async function obey(driver: SoakDriver, message: ToDriver): Promise<void> {
  switch (message.type) {
    case "start":
      setInterval(flush, REPORT_INTERVAL_MS);
      setInterval(memory, MEMORY_INTERVAL_MS);
      handle = await driver.start(context(message.url));
      report({
        type: "started",
        sends: typeof handle?.send === "function",
        renews: typeof handle?.renew === "function",
      });
      break;
    case "pace":
      globalThis.gc?.();
      memory();
      application.pace(message.slow);
      break;
    case "rejectOnce":
      rejectNext = true;
      report({ type: "armed" });
      break;
    case "send":
      sending = setInterval(() => void send(), message.intervalMs);
      break;
    case "stopSending":
      clearInterval(sending);
      break;
    case "renew":
      // What comes of it is the client's; a rejection goes where unhandled ones go.
      void Promise.resolve(handle).then((client) => client?.renew?.());
      break;
    case "finish":
      memory();
      tell({ type: "finished" });
      break;
    default:
      message satisfies never;
  }
}

function detailOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.split("\n")[0] ?? "";
}

function failed(error: unknown): void {
  report({ type: "failed", reason: detailOf(error) });
}

async function main(path: string): Promise<void> {
  const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  const driver = checkDriver(module.default);
  process.on("message", (message: ToDriver) => void obey(driver, message).catch(failed));
  report({
    type: "ready",
    title: driver.title,
    dialect: driver.dialect,
    asksProvider: driver.asksProvider ?? false,
    notes: driver.notes ?? {},
  });
}

process.on("disconnect", () => process.exit());
// Noted and survived: what would have ended a program ends here one line of a table.
process.on("unhandledRejection", (reason) =>
  report({ type: "unhandled", detail: detailOf(reason) }),
);
process.on("uncaughtException", (error) => report({ type: "unhandled", detail: detailOf(error) }));
await main(process.argv[2] ?? "").catch(failed);
