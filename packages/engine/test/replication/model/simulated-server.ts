import { type Bucket, connectBucket, Engine, ReplicationError, type ReplicationTarget } from '@aquifer/engine'
import type { Clock } from '@aquifer/engine/stores'
import { keptStores, sealingKey } from '../open-replicating.js'
import { Life, MortalBlobs, MortalKv } from './mortal-stores.js'
import type { Random, SimulatedTime } from './simulated-time.js'

export const BUCKET = 'all'
const START_MS = Date.UTC(2026, 0, 1)

/** What a schedule is made of: what one of them hides, another shows. */
export interface Traits {
  readonly servers: number
  /** The last takes what the others carry over, has no users, and carries over nothing. */
  readonly hasBackup: boolean
  readonly isSkewed: boolean
  readonly holds: boolean
  /** `'short'`: some end while it lasts. */
  readonly retentions: 'none' | 'long' | 'short'
  readonly keys: number
  readonly deeds: number
  readonly killsMax: number
  readonly cutsMax: number
}

export interface World {
  readonly traits: Traits
  readonly time: SimulatedTime
  readonly random: Random
  readonly servers: SimulatedServer[]
  /** Ways that are closed: `from>to`. */
  readonly closed: Set<string>
  /** Calls and answers are lost, or take long. */
  isHostile: boolean
  readonly tell: (at: number | string, what: string) => void
}

export const endpointOf = (index: number): string => `http://server-${index}`

/** An engine that can be killed between any two steps, over stores that outlive it. */
export class SimulatedServer {
  readonly index: number
  readonly stores: Awaited<ReturnType<typeof keptStores>>
  readonly #world: World
  #life: Life
  #engine: Engine | undefined
  skewMs = 0

  private constructor(world: World, index: number, stores: SimulatedServer['stores']) {
    this.#world = world
    this.index = index
    this.stores = stores
    this.#life = new Life(world)
  }

  static async make(world: World, index: number): Promise<SimulatedServer> {
    return new SimulatedServer(world, index, await keptStores())
  }

  get isUp(): boolean {
    return this.#engine !== undefined
  }

  get nowMs(): number {
    return START_MS + Math.floor(this.#world.time.nowMs) + this.skewMs
  }

  get engine(): Engine {
    if (this.#engine === undefined) throw new Killed()
    return this.#engine
  }

  get bucket(): Bucket {
    return this.engine.bucket(BUCKET)
  }

  /** False where it was killed before it was open. */
  async open(): Promise<boolean> {
    const { time, random } = this.#world
    const life = new Life(this.#world)
    this.#life = life
    const clock: Clock = { now: () => this.nowMs, monotonic: () => time.nowMs }
    const next = (): Uint8Array => {
      const id = Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256))
      new DataView(id.buffer).setUint32(0, Math.floor(this.nowMs / 0x1_0000))
      new DataView(id.buffer).setUint16(4, this.nowMs % 0x1_0000)
      return id
    }
    const opened = await life
      .orKilled(
        Engine.open({
          stores: { kv: new MortalKv(this.stores.kv, life), blobs: new MortalBlobs(this.stores.blobs, life) },
          ...{ clock, ids: { next }, sealingKey, inlineMaxBytes: 40 },
          connectReplicationTarget: ({ endpoint }) => this.#reach(life, endpoint),
        }),
      )
      .catch((error) => {
        if (error instanceof Killed) return undefined
        throw error
      })
    if (opened === undefined) return false
    this.#engine = opened
    return true
  }

  /** Whatever it was about to do is not done. */
  kill(): void {
    this.#engine = undefined
    this.#life.end()
  }

  /** As long as it lives. @throws Killed */
  async ask<T>(ask: (engine: Engine) => Promise<T>): Promise<T> {
    const [engine, life] = [this.engine, this.#life]
    return life.orKilled(ask(engine))
  }

  #reach(life: Life, endpoint: string): ReplicationTarget {
    const there = () => this.#world.servers.find(({ index }) => endpointOf(index) === endpoint)!
    const call = <T>(what: string, ask: (target: ReplicationTarget) => Promise<T>) =>
      this.#call(life, there(), what, ask)
    return {
      probe: (options) => call('probe', (target) => target.probe(options)),
      put: (version, options) => {
        const open: typeof version.open = (range) => life.through(version.open(range))
        return call(`put ${named(version)}`, (target) => target.put({ ...version, open }, options))
      },
      merge: (version, options) =>
        call(`merge ${named(version)}`, (target) => target.merge(version, options)),
      putDeleteMarker: (marker, options) =>
        call(`mark ${named(marker)}`, (target) => target.putDeleteMarker(marker, options)),
      remove: (removal, options) =>
        call(`remove ${named(removal)}`, (target) => target.remove(removal, options)),
    }
  }

  /** What is on its way when the caller is killed arrives all the same. */
  async #call<T>(
    life: Life,
    there: SimulatedServer,
    what: string,
    ask: (target: ReplicationTarget) => Promise<T>,
  ): Promise<T> {
    await life.step()
    const told = (how: string) => this.#world.tell(`${this.index}>${there.index}`, `${what} ${how}`)
    try {
      await this.#transit(there)
      told('arrives')
      const answer = await there.ask((engine) => ask(connectBucket(engine, BUCKET)))
      told('is answered')
      await this.#transit(there)
      return answer
    } catch (error) {
      told((error as Error).message)
      if (error instanceof Killed) throw new ReplicationError('Unreachable', 'It was killed.')
      throw error
    } finally {
      await life.step()
    }
  }

  async #transit(there: SimulatedServer): Promise<void> {
    const { time, random, closed, isHostile } = this.#world
    const dice = random()
    await time.sleep(random() * (!isHostile || dice < 0.6 ? 2 : dice < 0.9 ? 20 : dice < 0.98 ? 200 : 2_000))
    if (closed.has(`${this.index}>${there.index}`)) throw new ReplicationError('Unreachable', 'No way there.')
    if (!isHostile) return
    const luck = random()
    if (luck < 0.03) throw new ReplicationError('Unreachable', 'It was lost.')
    if (luck < 0.035) throw new ReplicationError('Refused', 'It was refused.')
  }
}

const named = ({ key, versionId }: { key: string; versionId: string }): string => `${key} ${short(versionId)}`

/** Enough of it to tell it from others. */
export const short = (versionId: string): string => versionId.slice(8, 16)

/** It was killed before it answered: what was asked was done, or not. */
export class Killed extends Error {
  constructor() {
    super('It was killed.')
  }
}
