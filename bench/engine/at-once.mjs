import { performance } from 'node:perf_hooks'

/** Does `count` things, so many at once; answers how many a second, and what single ones took. */
export async function atOnce(count, concurrency, act) {
  const tookMs = []
  let next = 0
  const worker = async () => {
    while (next < count) {
      const began = performance.now()
      await act(next++)
      tookMs.push(performance.now() - began)
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: concurrency }, worker))
  return { perSecond: count / ((performance.now() - began) / 1_000), tookMs }
}

export async function msOf(act) {
  const began = performance.now()
  await act()
  return performance.now() - began
}
