import type { Listed, ListingPage } from '../contract/listing.js'

/**
 * A page of a list as it crosses: by columns, since a thousand objects one by one would be written and read member by
 * member, which takes longer than finding them does.
 */
export interface PackedPage {
  readonly type?: string
  /** Of what is listed; common prefixes stand between them. */
  readonly columns: readonly Column[]
  readonly count: number
  readonly prefixes: readonly { readonly at: number; readonly prefix: string }[]
  /** What cannot be put in columns, as it is. */
  readonly infos?: readonly unknown[]
  readonly next?: ListingPage<unknown, string>['next']
}

interface Column {
  readonly name: string
  readonly values: Values
  /** Absent: all have it. */
  readonly has?: Uint8Array
}

/** Of all that have it, in order. */
type Values =
  | { readonly kind: 'text'; readonly all: string; readonly lengths: Uint32Array }
  | { readonly kind: 'number' | 'date'; readonly numbers: Float64Array }
  | { readonly kind: 'same'; readonly value: unknown }
  | { readonly kind: 'any'; readonly list: readonly unknown[] }

type Info = Record<string, unknown>

export function packPage({ entries, next }: ListingPage<unknown, string>): PackedPage {
  const infos: unknown[] = []
  const prefixes: { at: number; prefix: string }[] = []
  let type: string | undefined
  for (const [at, entry] of entries.entries()) {
    if (isPrefix(entry)) prefixes.push({ at, prefix: entry.prefix })
    else {
      infos.push(entry.info)
      type = entry.type
    }
  }
  const plain = infos.every((info) => typeof info === 'object' && info !== null)
  return {
    ...(type === undefined ? {} : { type }),
    columns: plain ? columnsOf(infos as Info[]) : [],
    count: infos.length,
    prefixes,
    ...(plain ? {} : { infos }),
    ...(next === undefined ? {} : { next }),
  }
}

export function unpackPage(packed: PackedPage): ListingPage<unknown, string> {
  const { type, columns, count, prefixes, infos, next } = packed
  const entries: Listed<unknown, string>[] = []
  const found = infos ?? infosOf(columns, count)
  let prefix = 0
  for (let at = 0; at < found.length + prefixes.length; at++) {
    if (prefixes[prefix]?.at === at)
      entries.push({ type: 'common-prefix', prefix: prefixes[prefix++]!.prefix })
    else entries.push({ type: type!, info: found[at - prefix] })
  }
  return { entries, ...(next === undefined ? {} : { next }) }
}

const isPrefix = (entry: Listed<unknown, string>): entry is { type: 'common-prefix'; prefix: string } =>
  entry.type === 'common-prefix' && 'prefix' in entry

interface Growing {
  readonly values: unknown[]
  /** Which have it, once one is found that has not. */
  has?: Uint8Array
}

function columnsOf(infos: readonly Info[]): Column[] {
  const growing = new Map<string, Growing>()
  for (let at = 0; at < infos.length; at++) {
    const info = infos[at]!
    for (const name in info) {
      const column: Growing = growing.get(name) ?? { values: [] }
      if (column.values.length === 0) growing.set(name, column)
      if (column.has === undefined && column.values.length < at)
        column.has = new Uint8Array(infos.length).fill(1, 0, column.values.length)
      if (column.has !== undefined) column.has[at] = 1
      column.values.push(info[name])
    }
  }
  return [...growing].map(([name, { values, has }]) => {
    if (values.length === infos.length) return { name, values: pack(values) }
    return { name, values: pack(values), has: has ?? new Uint8Array(infos.length).fill(1, 0, values.length) }
  })
}

function pack(values: readonly unknown[]): Values {
  if (areSame(values)) return { kind: 'same', value: values[0] }
  if (values.every((value) => typeof value === 'string')) {
    let all = ''
    const lengths = new Uint32Array(values.length)
    for (let at = 0; at < values.length; at++) {
      all += values[at]
      lengths[at] = (values[at] as string).length
    }
    return { kind: 'text', all, lengths }
  }
  if (values.every((value) => typeof value === 'number'))
    return { kind: 'number', numbers: Float64Array.from(values as number[]) }
  if (values.every((value) => value instanceof Date))
    return { kind: 'date', numbers: Float64Array.from(values as Date[], (date) => date.getTime()) }
  return { kind: 'any', list: values }
}

/** What most of a page have alike: a word, or a short list of words. */
function areSame(values: readonly unknown[]): boolean {
  const [first] = values
  if (isListOfWords(first)) return values.every((value) => isSameList(value, first))
  if (typeof first === 'object' && first !== null) return false
  return values.every((value) => Object.is(value, first))
}

const isListOfWords = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((word) => typeof word === 'string')

function isSameList(value: unknown, first: readonly string[]): boolean {
  if (!Array.isArray(value) || value.length !== first.length) return false
  for (let at = 0; at < first.length; at++) if (value[at] !== first[at]) return false
  return true
}

function infosOf(columns: readonly Column[], count: number): Info[] {
  const infos: Info[] = Array.from({ length: count }, () => ({}))
  for (const { name, values, has } of columns) {
    const next = reader(values)
    for (let at = 0; at < count; at++) if (has === undefined || has[at] === 1) infos[at]![name] = next()
  }
  return infos
}

function reader(values: Values): () => unknown {
  let at = 0
  switch (values.kind) {
    case 'same': {
      const { value } = values
      return Array.isArray(value) ? () => [...value] : () => value
    }
    case 'number':
      return () => values.numbers[at++]
    case 'date':
      return () => new Date(values.numbers[at++]!)
    case 'any':
      return () => values.list[at++]
    case 'text': {
      let from = 0
      return () => {
        const to = from + values.lengths[at++]!
        const text = values.all.slice(from, to)
        from = to
        return text
      }
    }
  }
}
