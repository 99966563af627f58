import type { Browser, CDPSession } from "playwright-core";

/**
 * A tab that the browser may hide and freeze. Playwright's own pages are told that they are in
 * front, and a page in front is never frozen; so this one is made and spoken to without it.
 */
export class HiddenTab {
  readonly #browser: CDPSession;
  readonly #target: string;
  readonly #session: string;
  readonly #answers = new Map<number, (answer: { readonly result?: unknown }) => void>();
  #calls = 0;

  static async open(browser: Browser, url: string): Promise<HiddenTab> {
    const devtools = await browser.newBrowserCDPSession();
    const { targetId } = await devtools.send("Target.createTarget", { url });
    const attached = await devtools.send("Target.attachToTarget", { targetId, flatten: false });
    return new HiddenTab(devtools, targetId, attached.sessionId);
  }

  private constructor(browser: CDPSession, target: string, session: string) {
    this.#browser = browser;
    this.#target = target;
    this.#session = session;
    browser.on("Target.receivedMessageFromTarget", ({ message }) => {
      const answer = JSON.parse(message) as { readonly id: number; readonly result?: unknown };
      this.#answers.get(answer.id)?.(answer);
    });
  }

  /** The value of an expression; a promise is waited for. */
  async evaluate(expression: string): Promise<unknown> {
    const how = { expression, awaitPromise: true, returnByValue: true };
    const { result } = await this.#send("Runtime.evaluate", how);
    return (result as { readonly result: { readonly value?: unknown } }).result.value;
  }

  /** Another tab comes in front of it, and its tasks stand still. */
  async freeze(): Promise<void> {
    await this.#send("Emulation.setFocusEmulationEnabled", { enabled: false });
    const { targetId } = await this.#browser.send("Target.createTarget", { url: "about:blank" });
    await this.#browser.send("Target.activateTarget", { targetId });
    await this.#send("Page.setWebLifecycleState", { state: "frozen" });
  }

  /** It runs again, and is in front. */
  async thaw(): Promise<void> {
    await this.#send("Page.setWebLifecycleState", { state: "active" });
    await this.#browser.send("Target.activateTarget", { targetId: this.#target });
  }

  async close(): Promise<void> {
    await this.#browser.send("Target.closeTarget", { targetId: this.#target });
  }

  async #send(method: string, params: object): Promise<{ readonly result?: unknown }> {
    const id = ++this.#calls;
    const answer = new Promise<{ readonly result?: unknown }>((resolve) =>
      this.#answers.set(id, resolve),
    );
    const message = JSON.stringify({ id, method, params });
    await this.#browser.send("Target.sendMessageToTarget", { sessionId: this.#session, message });
    return answer;
  }
}
