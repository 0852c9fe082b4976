import test from 'node:test'
import type { Need, Needs } from '@aquifer/http-adapter'

test('a row that states no right, and is not open to all with a reason, does not compile', () => {
  const need: Need = { action: 's3:GetObject', of: 'object', isRequired: true }
  const stated: Needs[] = [[need], { openToAll: 'for a reason' }]
  // @ts-expect-error No right at all.
  stated.push([])
  // @ts-expect-error Open to all, and nobody says why.
  stated.push({})
  // @ts-expect-error No right of anything.
  stated.push([{ action: 's3:GetObject', isRequired: true }])
  // @ts-expect-error No action.
  stated.push([{ ...need, action: 'GetObject' }])
})
