import { type Scene, scenarios } from '../crash/scenarios.js'

type Scenario = (typeof scenarios)[string]

/** Of the scenarios, those that between them do all that is done to real files; and one in which the journal turns over. */
const CHOSEN = [
  'a small put',
  'a large put',
  'puts over small and large',
  'copies of small and large',
  'small and large streams as many objects',
  'a shared body that goes with its last holder',
  'an object of so many parts that its extents have rows',
  'a completion over a large object',
  'a lender that goes before those who borrow',
  'buckets removed, an empty one with an upload and a full one',
] as const

export const pointScenarios: Readonly<Record<string, Scenario>> = {
  ...Object.fromEntries(CHOSEN.map((name) => [name, scenarios[name]!])),
  'a journal that turns over': turnOver,
}

/** Enough bytes over the same keys for segments to be filled, emptied behind a checkpoint, and used again. */
function turnOver({ red, bytes }: Scene): readonly (() => Promise<unknown>)[] {
  const round = () => Promise.all(Array.from({ length: 32 }, (_, at) => red.put(`turn-${at}`, bytes(400))))
  return Array.from({ length: 24 }, () => round)
}
