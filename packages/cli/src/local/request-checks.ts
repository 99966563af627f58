import { createHash, timingSafeEqual } from "node:crypto";

/**
 * Whether a `Host` header names this machine and this port. A page of another name that was made to
 * point to loopback (DNS rebinding) sends its own name here.
 */
export function isLoopbackHost(host: string | undefined, port: number): boolean {
  const found = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})(?::(\d+))?$/i.exec(host ?? "");
  return found !== null && Number(found[1] ?? 80) === port;
}

/** Compares secrets. The time that it takes does not tell where the first difference is. */
export function isSameSecret(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
