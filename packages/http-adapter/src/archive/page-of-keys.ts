import { Buffer } from 'node:buffer'

export interface FoundName {
  readonly name: string
  readonly isPrefix: boolean
}

/** A page of a listing of keys that are all at hand, by the rules of any other: in the order of their bytes. */
export function pageOfKeys(
  keys: readonly string[],
  options: { prefix: string; delimiter: string; startAfter: string; limit: number },
): { found: FoundName[]; next?: string } {
  const { prefix, delimiter, startAfter, limit } = options
  const sorted = keys
    .map((key) => ({ key, bytes: Buffer.from(key) }))
    .sort((one, other) => Buffer.compare(one.bytes, other.bytes))
  const from = Buffer.from(startAfter)
  const found: FoundName[] = []
  for (const { key, bytes } of sorted) {
    const name = rolledUp(key, prefix, delimiter) ?? key
    const isPrefix = name !== key || (delimiter !== '' && key.endsWith(delimiter) && key !== prefix)
    // What a page ends with is not begun with again, nor is anything that a common prefix stood for.
    if (Buffer.compare(bytes, from) <= 0 || (isPrefix && startAfter.startsWith(name))) continue
    if (found.at(-1)?.name === name) continue
    if (found.length === limit) return limit === 0 ? { found } : { found, next: found.at(-1)!.name }
    found.push({ name, isPrefix })
  }
  return { found }
}

function rolledUp(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined
  const at = key.indexOf(delimiter, prefix.length)
  return at === -1 ? undefined : key.slice(0, at + delimiter.length)
}
