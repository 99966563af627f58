/** A page that a test opened. */
export interface TestPage {
  /** The value of an expression, as JSON; a promise is waited for. */
  evaluate(expression: string): Promise<unknown>;
  /** Whether the page is without a network from now on. */
  setOffline(offline: boolean): Promise<void>;
  close(): Promise<void>;
}

/** A browser that a test drives. */
export interface TestBrowser {
  /**
   * A page of its own at an address, whose `serverCall` is answered here.
   *
   * @param serverCall what `serverCall` of the page does
   */
  newPage(address: string, serverCall: (call: string) => Promise<string>): Promise<TestPage>;
  close(): Promise<void>;
}
