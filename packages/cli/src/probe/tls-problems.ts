import type { TlsFacts } from "./tls-facts.js";

const DAY_MS = 86_400_000;

/** A certificate that ends within these days should be renewed. */
const SOON_DAYS = 14;

/** Whole days until an ISO time; negative when it has passed. */
export function daysUntil(time: string, now: number): number {
  return Math.floor((Date.parse(time) - now) / DAY_MS);
}

/**
 * Judges a server's certificates.
 *
 * @param now Unix milliseconds
 */
export function tlsProblems(
  { refusal, chain }: TlsFacts,
  now: number,
): { readonly problems: readonly string[]; readonly warnings: readonly string[] } {
  const problems = refusal === null ? [] : [`the certificate is not trusted here: ${refusal}`];
  const warnings = chain.flatMap(({ subject, validTo }) => {
    const days = daysUntil(validTo, now);
    return days < SOON_DAYS && days >= 0
      ? [`the certificate of ${subject} expires in ${days} days`]
      : [];
  });
  return { problems, warnings };
}
