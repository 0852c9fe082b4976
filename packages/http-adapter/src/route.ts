import type { Level } from './address.js'
import type { DocumentKind } from './authorization/kept-document.js'
import { type Needs, readNeeds, type StatedNeeds } from './authorization/needs.js'
import type { Surface } from './surface.js'

/**
 * How an operation is recognised, in one line: method, level, the query names that must be there, then the
 * headers: `+name` there, `+name=value` equal (but for case), `+name^=value` beginning so. The first query name is
 * the sub-resource.
 */
export type Route =
  `${'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS'} /${'' | '{b}' | '{b}/{k}'}${'' | `?${string}`}${'' | ` +${string}`}`

export interface HeaderCondition {
  readonly name: string
  readonly test: 'present' | 'equals' | 'begins'
  readonly value: string
}

/** A row of the table. */
export interface Row extends Surface {
  readonly route: Route
  readonly method: string
  readonly level: Level
  /** Empty for the plain operations. */
  readonly subResource: string
  /** Query names that must be there beside the sub-resource. */
  readonly others: readonly string[]
  readonly headers: readonly HeaderCondition[]
  readonly needs: Needs
  /** What its body is, where policies may ask what that holds. */
  readonly document?: DocumentKind
}

/** Some operations have two names and one form on the wire. */
export interface Alias<Name extends string = string> {
  readonly sameWireAs: Name
}

const levels: Readonly<Record<string, Level>> = { '/': 'service', '/{b}': 'bucket', '/{b}/{k}': 'object' }

export function row(route: Route, needs: StatedNeeds, surface: Surface, document?: DocumentKind): Row {
  const [method = '', where = '', ...conditions] = route.split(' ')
  const [path = '', query = ''] = where.split('?')
  const [subResource = '', ...others] = query.split('&')
  const level = levels[path]
  if (level === undefined) throw new TypeError(`No level is called ${path}.`)
  return {
    ...surface,
    route,
    method,
    level,
    subResource,
    others,
    headers: conditions.map(readCondition),
    needs: readNeeds(needs, level),
    ...(document === undefined ? {} : { document }),
  }
}

function readCondition(text: string): HeaderCondition {
  const [, name = '', begins, value] = /^\+([a-z0-9-]+)(?:(\^?)=(.*))?$/.exec(text) ?? []
  if (name === '') throw new TypeError(`${text} is no condition on a header.`)
  if (value === undefined) return { name, test: 'present', value: '' }
  return { name, test: begins === '^' ? 'begins' : 'equals', value }
}

export function holds(condition: HeaderCondition, headers: ReadonlyMap<string, string>): boolean {
  const value = headers.get(condition.name)
  if (value === undefined) return false
  if (condition.test === 'present') return true
  const lower = value.toLowerCase()
  return condition.test === 'equals' ? lower === condition.value : lower.startsWith(condition.value)
}
