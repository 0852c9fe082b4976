import type { Listed, ListingPage, ListOptions } from '../contract/listing.js'

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** A listing as S3 words it: sort, filter, roll up, cut off. Entries of one key stay in the order given. */
export function listPage<T, K extends string>(
  all: readonly { key: string; id?: string; info: T }[],
  type: K,
  { prefix = '', delimiter = '', startAfter = '', startAfterId, limit = 1_000 }: ListOptions,
): ListingPage<T, K> {
  const rollUp = (key: string): string | undefined => {
    const at = delimiter === '' || !key.startsWith(prefix) ? -1 : key.indexOf(delimiter, prefix.length)
    return at < 0 ? undefined : key.slice(0, at + delimiter.length)
  }
  const passed = rollUp(startAfter)
  const sorted = [...all].sort((a, b) => byBytes(a.key, b.key))
  const startPlace = sorted.findIndex(({ key, id }) => key === startAfter && id === startAfterId)
  const entries: Listed<T, K>[] = []
  let last: ListingPage<T, K>['next']
  for (const [place, { key, id, info }] of sorted.entries()) {
    const rolledUp = rollUp(key)
    const started =
      startAfterId !== undefined && key === startAfter ? place > startPlace : byBytes(key, startAfter) > 0
    if (!key.startsWith(prefix) || (startAfter !== '' && !started)) continue
    if (rolledUp !== undefined && (rolledUp === passed || rolledUp === last?.startAfter)) continue
    if (entries.length === limit) return last === undefined ? { entries } : { entries, next: last }
    entries.push(rolledUp === undefined ? { type, info } : { type: 'common-prefix', prefix: rolledUp })
    last = {
      startAfter: rolledUp ?? key,
      ...(rolledUp === undefined && id !== undefined ? { startAfterId: id } : {}),
    }
  }
  return { entries }
}
