/**
 * How many records to have at hand: enough to work on for a while without a network, and never so many that others find nothing to do
 * while one person sits on the last of them. What is at hand is leased, and goes to others when it is not renewed.
 */

export const LEAST_AHEAD = 3;
/** As many as the server hands out at once. */
export const MOST_AHEAD = 20;
/** Of what is left, to one person. */
const SHARE = 1 / 8;
/** Characters at hand: long texts are not fetched by the dozen. */
const CHARACTERS = 400_000;

export function aheadOf(left: number, texts: readonly string[]): number {
  const length = texts.reduce((sum, text) => sum + text.length, 0) / Math.max(1, texts.length);
  const most = Math.min(MOST_AHEAD, Math.floor(left * SHARE), Math.floor(CHARACTERS / Math.max(1, length)));
  return Math.max(LEAST_AHEAD, most);
}
