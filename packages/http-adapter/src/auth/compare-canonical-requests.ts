export interface ComparedRow {
  /** Such as `path` or `header host`. */
  readonly part: string
  /** Absent: it has no such line. */
  readonly ours?: string
  readonly theirs?: string
  readonly same: boolean
}

/** Puts two canonical requests side by side, part by part and not line by line: one header more shifts nothing. */
export const compareCanonicalRequests = (ours: string, theirs: string): ComparedRow[] =>
  compareParts(partsOf(ours), partsOf(theirs))

/** The same for what Signature Version 2 signs. */
export const compareVersion2Strings = (ours: string, theirs: string): ComparedRow[] =>
  compareParts(version2PartsOf(ours), version2PartsOf(theirs))

type Parts = ReadonlyMap<string, string>

function compareParts(left: Parts, right: Parts): ComparedRow[] {
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

function partsOf(canonical: string): Parts {
  const [method = '', path = '', query = '', ...rest] = canonical.split('\n')
  const headers = rest.slice(0, -2).filter((line) => line !== '')
  return new Map([
    ['method', method],
    ['path', path],
    ['query', query],
    ...headers.map(headerPart),
    ['signed headers', rest.at(-2) ?? ''],
    ['payload hash', rest.at(-1) ?? ''],
  ])
}

function headerPart(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [`header ${line.slice(0, colon)}`, line.slice(colon + 1)]
}

function version2PartsOf(text: string): Parts {
  const [method = '', contentMd5 = '', contentType = '', date = '', ...rest] = text.split('\n')
  return new Map([
    ['method', method],
    ['header content-md5', contentMd5],
    ['header content-type', contentType],
    ['date', date],
    ...rest.slice(0, -1).map(headerPart),
    ['resource', rest.at(-1) ?? ''],
  ])
}
