/**
 * Scripted scenarios in which the k-th call of the disk fails, once, for every k; and again with the power going
 * at the k-th call. Afterwards the engine still works, what callers were told holds, and it still holds when the
 * process or the power goes then.
 *
 * `AQUIFER_SWEEP`: which failures, of EIO, ENOSPC, short and power-cut, each with the distance between the calls
 * that are struck. `EIO:1,power-cut:3` by default; the long run is `EIO:1,ENOSPC:1,short:1,power-cut:1`.
 */
import test from 'node:test'
import { Apart } from './apart.js'
import { tellFigures } from './figures.js'
import { scenarios } from './scenarios.js'
import type { sweepScenario } from './sweep-scenario.js'

const sweeps = (process.env.AQUIFER_SWEEP ?? 'EIO:1,power-cut:3').split(',').map((each) => each.split(':'))
const apart = new Apart(new URL('./sweep-scenario.js', import.meta.url))
test.after(() => apart[Symbol.asyncDispose]())
const struck: Record<string, number> = {}

for (const name of Object.keys(scenarios)) {
  test(`${name}, with a failure at each call of the disk`, async () => {
    for (const [fault = '', step = '1'] of sweeps) {
      const options = { name, fault, step: Number(step) } as Parameters<typeof sweepScenario>[0]
      struck[fault] = (struck[fault] ?? 0) + (await apart.call<number>('sweepScenario', options))
    }
  })
}

test.after(() =>
  tellFigures('calls struck in scenarios', { scenarios: Object.keys(scenarios).length, ...struck }),
)
