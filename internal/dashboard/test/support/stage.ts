import axe from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import type { Program } from "../../src/program.js";

/** Longer than anything here takes on a busy machine, in milliseconds. */
export const PATIENCE_MS = 30_000;

interface Found {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** The programs and the pages of one test, which end with it. */
export class Stage implements AsyncDisposable {
  /**
   * What pages complained about, and what they asked of other sites or told them: there must be
   * nothing.
   */
  readonly complaints: string[] = [];
  readonly #browser: Browser;
  readonly #programs: Program[] = [];
  readonly #contexts: BrowserContext[] = [];

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  run(program: Program): Program {
    this.#programs.push(program);
    return program;
  }

  /** Opens an address in a browser that has seen nothing before. */
  async look(url: string): Promise<Page> {
    const viewport = { width: 1360, height: 900 };
    const context = await this.#browser.newContext({ viewport, reducedMotion: "reduce" });
    this.#contexts.push(context);
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("request", (request) => {
      if (new URL(request.url()).host !== new URL(url).host) this.complaints.push(request.url());
    });
    page.on("requestfinished", (request) => {
      void request.allHeaders().then(({ referer }) => {
        if (referer !== undefined) this.complaints.push(`the Referer ${referer} was sent`);
      });
    });
    await page.goto(url);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const context of this.#contexts) await context.close();
    await Promise.all(this.#programs.map((program) => program[Symbol.asyncDispose]()));
  }
}

/**
 * What axe finds wrong with a page for people who see little or nothing, or use no mouse.
 *
 * @param rules those to look for. Default: all
 */
export async function violations(
  page: Page,
  rules?: readonly string[],
): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found: Found = await page.evaluate(
    (runOnly) =>
      (globalThis as unknown as { readonly axe: { run(options: object): Promise<Found> } }).axe.run(
        runOnly === undefined ? {} : { runOnly },
      ),
    rules,
  );
  return found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.failureSummary ?? node.html).join("; ")}`,
  );
}
