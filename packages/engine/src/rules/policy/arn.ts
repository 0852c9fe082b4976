import { matchPattern, type Pattern, type Resolve } from './pattern.js'

/** `arn`, partition, service, region, account, and the resource, which may have colons of its own. */
const PARTS = 6

/** An ARN's parts are compared one by one, so that a `*` in one of them does not stretch over the next. */
export function matchArn(pattern: Pattern, arn: string, resolve: Resolve): boolean {
  const values = partsOf(arn)
  if (values.length < PARTS || values[0] !== 'arn') return false
  const parts = splitPattern(pattern)
  if (parts.length < PARTS) return pattern.source === '*'
  return parts.every((part, at) => matchPattern(part, values[at]!, resolve))
}

/** Whether a pattern has the parts of an ARN; `*` alone is any. */
export const isArnPattern = (pattern: Pattern): boolean =>
  pattern.source === '*' || splitPattern(pattern).length === PARTS

function partsOf(arn: string): string[] {
  const parts = arn.split(':')
  return parts.length <= PARTS ? parts : [...parts.slice(0, PARTS - 1), parts.slice(PARTS - 1).join(':')]
}

function splitPattern({ source, pieces }: Pattern): Pattern[] {
  const parts: Pattern['pieces'][number][][] = [[]]
  for (const piece of pieces) {
    if (piece.type !== 'literal') {
      parts.at(-1)!.push(piece)
      continue
    }
    let rest = piece.text
    while (parts.length < PARTS && rest.includes(':')) {
      const colon = rest.indexOf(':')
      if (colon > 0) parts.at(-1)!.push({ type: 'literal', text: rest.slice(0, colon) })
      parts.push([])
      rest = rest.slice(colon + 1)
    }
    if (rest !== '') parts.at(-1)!.push({ type: 'literal', text: rest })
  }
  return parts.map((part) => ({ source, pieces: part }))
}
