import type { VenueClock } from "./clock.js";
import type { VenueSettings } from "./venue-options.js";
import type { Listener } from "./wire/listener.js";

/** What every simulated venue is made of, as far as its beginning and its end are concerned. */
export interface VenueParts<Stats> {
  readonly settings: Pick<VenueSettings, "host" | "port" | "tls">;
  readonly clock: VenueClock;
  readonly journal: {
    snapshot(): Stats;
    waitFor(condition: (stats: Stats) => boolean, signal?: AbortSignal): Promise<Stats>;
    close(): void;
  };
  readonly market: { stop(): void };
  readonly reception: { close(): void };
  readonly listener: Listener;
}

/** What all running simulators have in common. */
export interface RunningSim<Stats> extends AsyncDisposable {
  readonly port: number;
  /** What the simulator has seen so far. */
  stats(): Stats;
  /**
   * Resolves with the first statistics that satisfy the condition, which is looked at after every
   * change. Rejects when the simulator closes first, when the signal fires, and when the condition
   * throws.
   */
  waitFor(condition: (stats: Stats) => boolean, signal?: AbortSignal): Promise<Stats>;
  /** Stops everything and destroys every socket. Never fails; may be called again. */
  close(): Promise<void>;
}

/** What the simulated venues have in common: an address, statistics, and an end. */
export abstract class SimVenue<Stats> implements RunningSim<Stats> {
  protected abstract readonly parts: VenueParts<Stats>;
  #port = 0;
  #closing: Promise<void> | undefined;

  get port(): number {
    return this.#port;
  }

  stats(): Stats {
    return this.parts.journal.snapshot();
  }

  waitFor(condition: (stats: Stats) => boolean, signal?: AbortSignal): Promise<Stats> {
    return this.parts.journal.waitFor(condition, signal);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What `ws` and `http` end with in a URL of this venue. */
  protected get secure(): "" | "s" {
    return this.parts.settings.tls === undefined ? "" : "s";
  }

  /** `host:port`, as it stands in a URL. */
  protected get authority(): string {
    return this.authorityOf(this.#port);
  }

  /** The same for another port of this venue. */
  protected authorityOf(port: number): string {
    const { host } = this.parts.settings;
    return `${host.includes(":") ? `[${host}]` : host}:${port}`;
  }

  protected async listen(): Promise<void> {
    const { listener, settings } = this.parts;
    this.#port = await listener.listen(settings.port, settings.host);
  }

  async #close(): Promise<void> {
    const { market, clock, journal, reception, listener } = this.parts;
    market.stop();
    clock.close();
    journal.close();
    reception.close();
    await listener.close();
  }
}
