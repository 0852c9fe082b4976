import { median } from '../report/figures.mjs'
import { show } from '../report/progress.mjs'

/**
 * One thing that must not become slower: what it costs us, and what the same costs whoever does the least that the
 * machine allows, both measured in this run. A check has `name`, `what` it counts (time or processor in milliseconds, or syncs),
 * `floor`, `ours()` and `limit()`; the two resolve to the cost of one.
 *
 * The floor is near 0.55 of what was measured when it was set: what doubles our cost halves the ratio and fails.
 *
 * @returns `{ name, what, floor, ratio, ratios, oursCost, limitCost }`
 */
export async function carryOut(check, rounds) {
  const costs = []
  for (let round = 0; round < rounds; round++) {
    show(`${check.name}, round ${round + 1} of ${rounds}`)
    const limitCost = await check.limit()
    const oursCost = await check.ours()
    costs.push({ limitCost, oursCost, ratio: limitCost / oursCost })
  }
  show()
  const { name, what, floor } = check
  const ratios = costs.map(({ ratio }) => ratio)
  const middle = (figure) => median(costs.map((cost) => cost[figure]))
  return {
    name,
    what,
    floor,
    ratio: median(ratios),
    ratios,
    oursCost: middle('oursCost'),
    limitCost: middle('limitCost'),
  }
}

export const holds = ({ ratio, floor }) => ratio >= floor
