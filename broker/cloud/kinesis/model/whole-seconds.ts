// AWS shows when streams and consumers were made in whole seconds.

export function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
