const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

/** A count: exact while it is short. */
export function count(value: number): string {
  return value < 100_000 ? whole.format(value) : compact.format(value);
}

/** Bytes a second. */
export function bytesRate(value: number): string {
  if (value < 1_000) return `${whole.format(value)} B/s`;
  return value < 1_000_000
    ? `${(value / 1_000).toFixed(1)} kB/s`
    : `${(value / 1_000_000).toFixed(1)} MB/s`;
}

/** A time span; a dash for one that is not known. */
export function span(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms)) return "–";
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${whole.format(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60
    ? `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A time of day with milliseconds, of Unix milliseconds. */
export function timeOfDay(at: number | undefined): string {
  return at === undefined ? "–" : clock.format(at);
}

/** A time of day with seconds, of Unix milliseconds. */
export function shortTime(at: number): string {
  return clock.format(at).slice(0, 8);
}

/** `1 gap`, `2 gaps`. */
export function counted(value: number, word: string): string {
  return `${count(value)} ${word}${value === 1 ? "" : "s"}`;
}
