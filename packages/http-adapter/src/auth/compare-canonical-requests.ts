export interface ComparedRow {
  /** Such as `path` or `header host`. */
  readonly part: string
  /** Absent: it has no such line. */
  readonly ours?: string
  readonly theirs?: string
  readonly same: boolean
}

/** Puts two canonical requests side by side, part by part and not line by line: one header more shifts nothing. */
export function compareCanonicalRequests(ours: string, theirs: string): ComparedRow[] {
  const left = partsOf(ours)
  const right = partsOf(theirs)
  return [...new Set([...left.keys(), ...right.keys()])].map((part) => {
    const [a, b] = [left.get(part), right.get(part)]
    return {
      part,
      ...(a === undefined ? {} : { ours: a }),
      ...(b === undefined ? {} : { theirs: b }),
      same: a === b,
    }
  })
}

function partsOf(canonical: string): Map<string, string> {
  const [method = '', path = '', query = '', ...rest] = canonical.split('\n')
  const headers = rest.slice(0, -2).filter((line) => line !== '')
  return new Map([
    ['method', method],
    ['path', path],
    ['query', query],
    ...headers.map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [`header ${line.slice(0, colon)}`, line.slice(colon + 1)]
    }),
    ['signed headers', rest.at(-2) ?? ''],
    ['payload hash', rest.at(-1) ?? ''],
  ])
}
