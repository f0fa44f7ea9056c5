// The numbered event that this page publishes: written here, recognised here.

/** Names this page among all publishers. */
export const PAGE = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) =>
  byte.toString(16).padStart(2, "0"),
).join("");

/** Milliseconds since 1970, finer than `Date.now` and never set back. */
export const now = () => performance.timeOrigin + performance.now();

/** The event's data. @param {number} n its running number */
export const write = (n) => JSON.stringify({ n, t: now(), by: PAGE });

/**
 * Reads an event's data back.
 * @param {string} data
 * @returns {{ n: number, t: number } | null} nothing unless this very page has written it
 */
export function read(data) {
  try {
    const tick = JSON.parse(data);
    return tick?.by === PAGE ? tick : null;
  } catch {
    return null;
  }
}
