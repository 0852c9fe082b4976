import test from 'node:test'
import fc from 'fast-check'

/** How long each fuzz test looks for trouble. A second run with the seed it prints looks in the same places. */
const fuzzMs = Number(process.env.AQUIFER_FUZZ_MS ?? 1_000)
const inputMaxMs = 50

/**
 * Feeds a parser what strangers might send. It must answer by a value or by an error of its own, which is for `run`
 * to tell from a crash, and must not take long over any input.
 */
export function fuzz<T>(name: string, inputs: fc.Arbitrary<T>, run: (input: T) => unknown): void {
  test(name, async (t) => {
    const seed = Number(process.env.AQUIFER_SEED ?? Date.now() & 0x7fffffff)
    let count = 0
    const property = fc.asyncProperty(inputs, async (input) => {
      count++
      let leastMs = await costMs(() => run(input))
      // The garbage collector is slow once; a slow parser is slow every time.
      for (let again = 0; again < 5 && leastMs > inputMaxMs; again++)
        leastMs = Math.min(leastMs, await costMs(() => run(input)))
      if (leastMs > inputMaxMs) throw new Error(`It took ${leastMs.toFixed(0)} ms.`)
    })
    const details = await fc.check(property, {
      seed,
      numRuns: 2 ** 31 - 1,
      interruptAfterTimeLimit: fuzzMs,
      markInterruptAsFailure: false,
    })
    t.diagnostic(`${count} inputs from seed ${seed}`)
    if (!details.failed) return
    const input = fc.stringify(details.counterexample)
    throw new Error(
      `AQUIFER_SEED=${seed} finds it again: ${input.length > 2_000 ? `${input.slice(0, 2_000)}…` : input}`,
      { cause: details.errorInstance },
    )
  })
}

/** By the clock or by the processor's time, whichever is less: others may be busy on the same machine. */
async function costMs(work: () => unknown): Promise<number> {
  const usedBefore = process.cpuUsage()
  const began = performance.now()
  await work()
  const passedMs = performance.now() - began
  const { user, system } = process.cpuUsage(usedBefore)
  return Math.min(passedMs, (user + system) / 1_000)
}

/** Text made of the words that a grammar is made of, some of them very often. */
export const wordSalad = (words: readonly string[], maxChars = 60_000): fc.Arbitrary<string> => {
  const word = fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary-ascii', maxLength: 8 }))
  const run = fc
    .tuple(word, fc.oneof({ weight: 20, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: maxChars })))
    .map(([text, times]) => text.repeat(Math.min(times, Math.ceil(maxChars / Math.max(text.length, 1)))))
  return fc.array(run, { maxLength: 30 }).map((runs) => runs.join('').slice(0, maxChars))
}

/** A text in which a few stretches were cut out, doubled or overwritten. */
export const mutated = (text: string): fc.Arbitrary<string> => {
  const change = fc.record({
    at: fc.nat(text.length),
    removed: fc.oneof(fc.constant(0), fc.constant(1), fc.nat(text.length)),
    put: fc.oneof(
      fc.string({ unit: 'binary-ascii', maxLength: 4 }),
      fc.tuple(fc.nat(text.length), fc.nat(40)).map(([from, length]) => text.slice(from, from + length)),
    ),
  })
  return fc
    .array(change, { maxLength: 4 })
    .map((changes) =>
      changes.reduce(
        (former, { at, removed, put }) => former.slice(0, at) + put + former.slice(at + removed),
        text,
      ),
    )
}
