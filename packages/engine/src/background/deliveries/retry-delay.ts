/** Twice as long with each try, up to a bound, and a fifth more or less, so that what failed together does not come back together. */
export function retryDelayMs(
  attempts: number,
  firstMs: number,
  maxMs: number,
  random = Math.random(),
): number {
  const delayMs = Math.min(firstMs * 2 ** Math.min(attempts - 1, 30), maxMs)
  return Math.round(delayMs * (0.8 + 0.4 * random))
}
