import type { SeenVersion, Side } from './side.js'

/** Everything that a store has, by version id, and the order in which it lists it. */
export interface Seen {
  readonly side: string
  readonly versions: ReadonlyMap<string, SeenVersion>
  readonly order: readonly string[]
}

export async function look(side: Side): Promise<Seen> {
  const versions = new Map<string, SeenVersion>()
  const order: string[] = []
  for await (const version of side.versions()) {
    versions.set(version.versionId, version)
    order.push(`${version.key} ${version.versionId}`)
  }
  return { side: side.name, versions, order }
}

/** In what two stores differ: a sentence for each version, with what each says of its way to the other. */
export function differences(one: Seen, other: Seen): string[] {
  const found: string[] = []
  for (const [versionId, version] of one.versions) {
    const copy = other.versions.get(versionId)
    if (copy === undefined) found.push(onlyIn(one, other, version))
    else found.push(...differingFacts(one, version, other, copy))
  }
  for (const [versionId, version] of other.versions)
    if (!one.versions.has(versionId)) found.push(onlyIn(other, one, version))
  if (found.length === 0) {
    const at = one.order.findIndex((name, index) => other.order[index] !== name)
    if (at >= 0) found.push(`${one.side} lists ${one.order[at]} where ${other.side} lists ${other.order[at]}`)
  }
  return found
}

const onlyIn = (one: Seen, other: Seen, { key, versionId, facts, replication }: SeenVersion): string =>
  `${key} ${versionId} (${facts['kind']}) is in ${one.side} alone, which says ${replication}; not in ${other.side}`

function differingFacts(one: Seen, version: SeenVersion, other: Seen, copy: SeenVersion): string[] {
  const names = new Set([...Object.keys(version.facts), ...Object.keys(copy.facts)])
  const apart = [...names].filter((name) => version.facts[name] !== copy.facts[name])
  if (apart.length === 0) return []
  const told = apart.map(
    (name) => `${name}: ${one.side} ${version.facts[name]}, ${other.side} ${copy.facts[name]}`,
  )
  return [
    `${version.key} ${version.versionId} differs (${one.side} says ${version.replication}, ${other.side} ${copy.replication}): ${told.join('; ')}`,
  ]
}

/**
 * Versions whose way is not at its end by what the stores say. Of one that is in both, one has it and the other got it; what was
 * removed in one and kept by the other came back there, so that both got it.
 */
export function unfinished(one: Seen, other: Seen): string[] {
  const found: string[] = []
  for (const [versionId, { key, replication, facts }] of one.versions) {
    if (facts['kind'] !== 'object') continue
    const there = other.versions.get(versionId)?.replication
    if (!['completed,replica', 'replica,replica'].includes([replication, there].sort().join()))
      found.push(`${key} ${versionId}: ${one.side} says ${replication}, ${other.side} ${there}`)
  }
  return found
}
