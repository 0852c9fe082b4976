import type {
  Carried,
  OutgoingDeleteMarker,
  OutgoingRemoval,
  OutgoingVersion,
  ReplicationTarget,
  ReplicationTargetFacts,
} from '@aquifer/engine'
import { ReplicationError } from '@aquifer/engine'

/** What a fake target has of a version. */
export interface Kept {
  readonly key: string
  readonly versionId: string
  readonly bytes: string
  readonly isDeleteMarker: boolean
  facts: string
}

type Call = 'probe' | 'put' | 'merge' | 'putDeleteMarker' | 'remove'

/** A bucket elsewhere, in memory, that fails as it is told to. */
export class FakeTarget implements ReplicationTarget {
  readonly keepsVersionIds: boolean
  versioning: ReplicationTargetFacts['versioning'] = 'enabled'
  objectLock = true
  readonly versions = new Map<string, Kept>()
  readonly calls: `${Call} ${string}`[] = []
  underWay = 0
  underWayMost = 0
  closed = 0
  /** It takes nothing, although it can be asked what it is like. */
  isDown = false
  /** Called before each call, and after it where its answer is to be lost. */
  before: (call: Call, key: string, signal: AbortSignal) => void | Promise<void> = () => {}
  after: (call: Call, key: string) => void | Promise<void> = () => {}
  #next = 0

  constructor({ keepsVersionIds = true }: { keepsVersionIds?: boolean } = {}) {
    this.keepsVersionIds = keepsVersionIds
  }

  async #call<T>(call: Call, key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    this.underWay++
    this.underWayMost = Math.max(this.underWayMost, this.underWay)
    try {
      this.calls.push(`${call} ${key}`)
      if (this.isDown && call !== 'probe') throw new ReplicationError('Unreachable', 'It is down.')
      await this.before(call, key, signal)
      const result = await work()
      await this.after(call, key)
      return result
    } finally {
      this.underWay--
    }
  }

  probe({ signal }: { signal: AbortSignal }): Promise<ReplicationTargetFacts> {
    return this.#call('probe', '', signal, async () => ({
      keepsVersionIds: this.keepsVersionIds,
      objectLock: this.objectLock,
      ...(this.versioning && { versioning: this.versioning }),
    }))
  }

  #nameOf({ key, versionId, targetVersionId }: OutgoingRemoval): string {
    return `${key} ${this.keepsVersionIds ? versionId : targetVersionId}`
  }

  put(version: OutgoingVersion, { signal }: { signal: AbortSignal }): Promise<Carried> {
    const { key, versionId } = version
    return this.#call('put', key, signal, async () => {
      const chunks: Uint8Array[] = []
      for await (const chunk of version.open()) {
        signal.throwIfAborted()
        chunks.push(chunk)
      }
      return this.#keep(key, versionId, {
        bytes: Buffer.concat(chunks).toString(),
        isDeleteMarker: false,
        facts: factsOf(version),
      })
    })
  }

  #keep(key: string, versionId: string, kept: Pick<Kept, 'bytes' | 'isDeleteMarker' | 'facts'>): Carried {
    const name = this.keepsVersionIds ? versionId : `own-${++this.#next}`
    this.versions.set(`${key} ${name}`, { key, versionId: name, ...kept })
    return this.keepsVersionIds ? {} : { targetVersionId: name }
  }

  merge(version: OutgoingVersion, { signal }: { signal: AbortSignal }): Promise<void> {
    return this.#call('merge', version.key, signal, async () => {
      const kept = this.versions.get(this.#nameOf(version))
      if (kept === undefined) throw new ReplicationError('NoSuchVersion', 'There is no such version.')
      kept.facts = factsOf(version)
    })
  }

  putDeleteMarker(
    { key, versionId }: OutgoingDeleteMarker,
    { signal }: { signal: AbortSignal },
  ): Promise<Carried> {
    return this.#call('putDeleteMarker', key, signal, async () =>
      this.#keep(key, versionId, { bytes: '', isDeleteMarker: true, facts: '' }),
    )
  }

  remove(removal: OutgoingRemoval, { signal }: { signal: AbortSignal }): Promise<void> {
    return this.#call('remove', removal.key, signal, async () => {
      this.versions.delete(this.#nameOf(removal))
    })
  }

  async close(): Promise<void> {
    this.closed++
  }

  /** What it has, in order. */
  get holds(): string[] {
    return [...this.versions.values()]
      .map(({ key, bytes, isDeleteMarker, facts }) => `${key}=${isDeleteMarker ? 'deleted' : bytes}${facts}`)
      .sort()
  }
}

const factsOf = ({ tags, info }: OutgoingVersion): string => {
  const tagged = Object.entries(tags).map(([name, value]) => `${name}:${value}`)
  const held = info.legalHold === true ? ['held'] : []
  return [...tagged.sort(), ...held].map((fact) => ` ${fact}`).join('')
}
