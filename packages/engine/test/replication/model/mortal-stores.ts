import type {
  Awaitable,
  BlobId,
  BlobStore,
  BlobStretch,
  BlobWriter,
  Change,
  CommitOutcome,
  KvLimits,
  KvStore,
  Revision,
  Row,
  ScanOptions,
  ScanPage,
} from '@aquifer/engine/stores'
import { Killed, type World } from './simulated-server.js'

const never = <T>(): Promise<T> => new Promise<T>(() => {})

/** From an engine's opening to its kill. What an engine does after its end never comes to anything. */
export class Life {
  readonly #world: Pick<World, 'time' | 'random'>
  readonly #killed: Promise<never>
  #end: (error: Killed) => void = () => {}
  isOver = false

  constructor(world: Pick<World, 'time' | 'random'>) {
    this.#world = world
    this.#killed = new Promise((_, reject) => {
      this.#end = reject
    })
    this.#killed.catch(() => {})
  }

  end(): void {
    this.isOver = true
    this.#end(new Killed())
  }

  orKilled<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#killed])
  }

  /** A moment at which others may go first, or the end may come. */
  async step(): Promise<void> {
    const { time, random } = this.#world
    const dice = random()
    await time.sleep(random() * (dice < 0.7 ? 0.2 : dice < 0.95 ? 3 : 40))
    if (this.isOver) await never()
  }

  /** Now, or at a later step. */
  perhapsLater<T>(answer: () => Awaitable<T>): Awaitable<T> {
    if (this.isOver) return never<T>()
    return this.#world.random() < 0.7 ? answer() : this.later(answer)
  }

  async later<T>(answer: () => Awaitable<T>): Promise<T> {
    await this.step()
    const value = await answer()
    await this.step()
    return value
  }

  async *through(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const reading = bytes[Symbol.asyncIterator]()
    for (;;) {
      const { done, value } = await this.orKilled(reading.next())
      if (done) return
      yield value
    }
  }
}

export class MortalKv implements KvStore {
  readonly isExclusive = true
  readonly limits: KvLimits
  readonly #store: KvStore
  readonly #life: Life

  constructor(store: KvStore, life: Life) {
    this.#store = store
    this.#life = life
    this.limits = store.limits
  }

  get(key: Uint8Array): Awaitable<Row | undefined> {
    return this.#life.perhapsLater(() => this.#store.get(key))
  }

  getMany(keys: readonly Uint8Array[]): Awaitable<(Row | undefined)[]> {
    return this.#life.perhapsLater(() => this.#store.getMany(keys))
  }

  readPayload(key: Uint8Array, revision: Revision): Awaitable<Uint8Array | 'changed'> {
    return this.#life.perhapsLater(() => this.#store.readPayload(key, revision))
  }

  scan(options: ScanOptions): Promise<ScanPage> {
    return this.#life.later(() => this.#store.scan(options))
  }

  commit(change: Change): Promise<CommitOutcome> {
    return this.#life.later(() => this.#store.commit(change))
  }

  async close(): Promise<void> {}
}

export class MortalBlobs implements BlobStore {
  readonly #store: BlobStore
  readonly #life: Life

  constructor(store: BlobStore, life: Life) {
    this.#store = store
    this.#life = life
  }

  async create(id: BlobId, options?: Parameters<BlobStore['create']>[1]): Promise<BlobWriter> {
    const life = this.#life
    const writer = await life.later(() => this.#store.create(id, options))
    return {
      write: (chunk) => life.later(() => writer.write(chunk)),
      finish: () => life.later(() => writer.finish()),
      abort: () => life.later(() => writer.abort()),
    }
  }

  async *read(
    id: BlobId,
    stretch: BlobStretch,
    options?: Parameters<BlobStore['read']>[2],
  ): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of this.#store.read(id, stretch, options)) {
      await this.#life.step()
      yield chunk
    }
  }

  remove(ids: readonly BlobId[]): Promise<void> {
    return this.#life.later(() => this.#store.remove(ids))
  }

  list(): AsyncIterable<BlobId> {
    return this.#store.list()
  }

  verify(id: BlobId, options?: { signal?: AbortSignal }): Promise<void> {
    return this.#store.verify(id, options)
  }

  async close(): Promise<void> {}
}
