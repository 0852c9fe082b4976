import { type Bucket, isEngineError, type Retention, type VersionInfo } from '@aquifer/engine'
import { BUCKET, Killed, type SimulatedServer, short, type Traits, type World } from './simulated-server.js'
import type { Random } from './simulated-time.js'

/** What was asked of a version by its users, and what they were told. */
export interface Past {
  readonly key: string
  isAcknowledged: boolean
  removals: number
  removalsAcknowledged: number
  /** How often a lock was changed, or given at the beginning: whoever removes the version elsewhere may not know of it. */
  locks: number
  holdsOff: number
  isHeldFor: boolean
  /** Acknowledged, and until when at least. */
  complianceUntilMs: number
  readonly tags: { readonly said: string; isAcknowledged: boolean }[]
}

export class History {
  readonly versions = new Map<string, Past>()

  of(key: string, versionId: string): Past {
    const known = this.versions.get(`${key} ${versionId}`)
    if (known !== undefined) return known
    const past: Past = {
      ...{ key, isAcknowledged: false, removals: 0, removalsAcknowledged: 0, locks: 0, holdsOff: 0 },
      ...{ isHeldFor: false, complianceUntilMs: 0, tags: [] },
    }
    this.versions.set(`${key} ${versionId}`, past)
    return past
  }
}

export interface Doing {
  readonly world: World
  readonly server: SimulatedServer
  readonly keys: readonly string[]
  readonly history: History
  readonly tell: (what: string) => void
}

const VERSIONS_MAX = 3

/** One deed of chance of a user of a server. */
export async function doSomething(doing: Doing): Promise<void> {
  const { server, world, keys, tell } = doing
  const key = pick(world.random, keys)
  let what = `${key} ?`
  try {
    await server.ask(async (engine) => {
      const bucket = engine.bucket(BUCKET)
      const versions = await versionsOf(bucket, key)
      const [chosen, carryOut] = choose(doing, key, versions)
      what = `${key} ${chosen}`
      tell(`${what} …`)
      await carryOut(bucket)
    })
    tell(`${what}: done`)
  } catch (error) {
    if (!(error instanceof Killed) && !isEngineError(error)) throw error
    tell(`${what}: ${isEngineError(error) ? error.code : 'killed'}`)
  }
}

async function versionsOf(bucket: Bucket, key: string): Promise<VersionInfo[]> {
  const versions: VersionInfo[] = []
  for await (const entry of bucket.listVersions({ prefix: key }))
    if (entry.type === 'version' && entry.info.key === key) versions.push(entry.info)
  return versions
}

type Deed = readonly [what: string, carryOut: (bucket: Bucket) => Promise<void>]

function choose(doing: Doing, key: string, versions: readonly VersionInfo[]): Deed {
  const { world, history, tell } = doing
  const { random } = world
  const dice = random()
  if (versions.length === 0 || (dice < 0.2 && versions.length < VERSIONS_MAX)) return putObject(doing, key)
  const version = pick(random, versions)
  const { versionId, isDeleteMarker } = version
  const past = history.of(key, versionId)
  if (dice < 0.25 && versions.length < VERSIONS_MAX)
    return [
      'delete',
      async (bucket) => {
        const { deleteMarker } = await bucket.delete(key)
        if (deleteMarker?.versionId === undefined) return
        history.of(key, deleteMarker.versionId).isAcknowledged = true
        tell(`${key} ${short(deleteMarker.versionId)} is marked`)
      },
    ]
  if (dice < 0.5 || isDeleteMarker) return remove(random, key, versionId, past)
  if (dice < 0.6) return setTags(random, key, versionId, past)
  const { holds, retentions } = world.traits
  if (holds && (dice < 0.78 || retentions === 'none')) return setHold(doing, key, versionId, past)
  if (retentions === 'none') return setTags(random, key, versionId, past)
  return setRetention(doing, key, versionId, past)
}

function putObject({ world: { random, traits }, history, server, tell }: Doing, key: string): Deed {
  const tags: Record<string, string> = random() < 0.3 ? { put: `${Math.floor(random() * 10)}` } : {}
  const legalHold = traits.holds && random() < 0.15
  const isKept = traits.retentions !== 'none' && random() < 0.15
  const retention = isKept ? retentionOf(random, traits, server.nowMs) : undefined
  const bytes = Buffer.alloc(random() < 0.8 ? 10 : 100, Math.floor(random() * 256))
  const what = `put${legalHold ? ' held' : ''}${retention === undefined ? '' : ` ${textOf(retention)}`}`
  return [
    what,
    async (bucket) => {
      const { versionId = '' } = await bucket.put(key, bytes, {
        tags,
        ...(legalHold && { legalHold }),
        ...(retention && { retention }),
      })
      tell(`${key} ${short(versionId)} is put`)
      const past = history.of(key, versionId)
      past.isAcknowledged = true
      if (legalHold) past.isHeldFor = true
      if (legalHold || retention !== undefined) past.locks++
      noteRetention(past, retention)
    },
  ]
}

function remove(random: Random, key: string, versionId: string, past: Past): Deed {
  const bypassGovernance = random() < 0.6
  return [
    `remove ${short(versionId)}${bypassGovernance ? ' bypassing' : ''}`,
    async (bucket) => {
      past.removals++
      await bucket.delete(key, { versionId, bypassGovernance })
      past.removalsAcknowledged++
    },
  ]
}

function setTags(random: Random, key: string, versionId: string, past: Past): Deed {
  const tags: Record<string, string> = random() < 0.2 ? {} : { at: `${Math.floor(random() * 10)}` }
  return [
    `tag ${short(versionId)} ${JSON.stringify(tags)}`,
    async (bucket) => {
      const said = { said: JSON.stringify(Object.entries(tags)), isAcknowledged: false }
      past.tags.push(said)
      await bucket.setTags(key, tags, { versionId })
      said.isAcknowledged = true
    },
  ]
}

function setHold({ world: { random } }: Doing, key: string, versionId: string, past: Past): Deed {
  const on = random() < 0.5
  return [
    `hold ${on ? 'on' : 'off'} ${short(versionId)}`,
    async (bucket) => {
      past.locks++
      if (!on) past.holdsOff++
      await bucket.setLegalHold(key, on, { versionId })
      if (on) past.isHeldFor = true
    },
  ]
}

function setRetention(
  { world: { random, traits }, server }: Doing,
  key: string,
  versionId: string,
  past: Past,
): Deed {
  const retention = random() < 0.25 ? undefined : retentionOf(random, traits, server.nowMs)
  const bypassGovernance = random() < 0.7
  return [
    `retain ${short(versionId)} ${textOf(retention)}${bypassGovernance ? ' bypassing' : ''}`,
    async (bucket) => {
      past.locks++
      await bucket.setRetention(key, retention, { versionId, bypassGovernance })
      noteRetention(past, retention)
    },
  ]
}

function retentionOf(random: Random, { retentions }: Traits, nowMs: number): Retention {
  const forMs =
    retentions === 'short' && random() < 0.7 ? 50 + random() * 5_000 : 24 * 60 * 60_000 * (1 + random())
  const mode = random() < 0.75 ? 'governance' : 'compliance'
  return { mode, retainUntil: new Date(Math.floor(nowMs + forMs)) }
}

function noteRetention(past: Past, retention: Retention | undefined): void {
  if (retention?.mode !== 'compliance') return
  past.complianceUntilMs = Math.max(past.complianceUntilMs, retention.retainUntil.getTime())
}

const textOf = (retention: Retention | undefined): string =>
  retention === undefined ? 'not' : `${retention.mode} ${retention.retainUntil.toISOString().slice(8, 23)}`

const pick = <T>(random: Random, all: readonly T[]): T => all[Math.floor(random() * all.length)]!
