import { performance } from 'node:perf_hooks'

/** Does `count` things, so many at once; answers how many a second, and what single ones took. */
export function atOnce(count, concurrency, act) {
  return until((done) => done === count, concurrency, act)
}

/** Does things for so many seconds, so many at once. */
export function forSeconds(seconds, concurrency, act) {
  const end = performance.now() + seconds * 1_000
  return until(() => performance.now() >= end, concurrency, act)
}

async function until(isEnough, concurrency, act) {
  const tookMs = []
  let next = 0
  const worker = async () => {
    while (!isEnough(next)) {
      const began = performance.now()
      await act(next++)
      tookMs.push(performance.now() - began)
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: concurrency }, worker))
  return { perSecond: tookMs.length / ((performance.now() - began) / 1_000), tookMs }
}

export async function msOf(act) {
  const began = performance.now()
  await act()
  return performance.now() - began
}
