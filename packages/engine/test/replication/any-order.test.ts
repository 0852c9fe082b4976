import assert from 'node:assert/strict'
import test from 'node:test'
import { type Bucket, Engine, isEngineError, type Retention, type Tags } from '@aquifer/engine'
import { MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'
import { AsynchronousKvStore, assertInvariants, seededRandom } from '@aquifer/engine/testing'

const START = Date.UTC(2026, 0, 1)
/** Bodies of more bytes lie in blobs. */
const INLINE_MAX_BYTES = 8

interface Fact<T> {
  readonly value: T
  /** Milliseconds after the start. */
  readonly at: number
}

/** A version as the stores know it that have it, each with some of the changes that were made of it. */
interface Version {
  readonly key: string
  readonly versionId: string
  readonly writtenAt: number
  readonly isMarker: boolean
  readonly isUpload: boolean
  readonly body: Buffer
  /** The first is as it was written. */
  readonly tags: readonly Fact<Tags>[]
  readonly retentions: readonly Fact<Retention | undefined>[]
  readonly holds: readonly Fact<boolean | undefined>[]
  readonly isRemoved: boolean
}

interface Snapshot {
  readonly tags: Fact<Tags>
  readonly retention: Fact<Retention | undefined>
  readonly hold: Fact<boolean | undefined>
}

type Message =
  | { readonly kind: 'put' | 'merge'; readonly version: Version; readonly facts: Snapshot }
  | { readonly kind: 'remove'; readonly version: Version }

class Random {
  readonly #next: () => number
  constructor(seed: number) {
    this.#next = seededRandom(seed)
  }
  below(count: number): number {
    return Math.floor(this.#next() * count)
  }
  oneOf<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!
  }
  shuffled<T>(values: readonly T[]): T[] {
    const left = [...values]
    return values.map(() => left.splice(this.below(left.length), 1)[0]!)
  }
}

/** Few moments and few values, so that they often meet. */
function versionOf(random: Random, number: number, { locks }: { locks: boolean }): Version {
  const writtenAt = random.below(5)
  const later = () => writtenAt + random.below(4)
  const isRemoved = !locks && random.below(4) === 0
  const some = <T>(make: () => T): Fact<T>[] =>
    Array.from({ length: random.below(3) }, () => ({ value: make(), at: later() }))
  const tags = (): Tags => random.oneOf<Tags>([{}, { a: '1' }, { a: '2' }, { b: '1' }])
  const retention = (): Retention | undefined =>
    random.below(4) === 0
      ? undefined
      : {
          mode: random.oneOf(['governance', 'compliance'] as const),
          retainUntil: new Date(START + random.below(12)),
        }
  return {
    key: random.oneOf(['a', 'b']),
    versionId:
      (2 ** 48 - 1 - START - writtenAt).toString(16).padStart(12, '0') +
      number.toString(16).padStart(20, random.oneOf(['a', 'b'])),
    writtenAt,
    isMarker: random.below(4) === 0,
    isUpload: random.below(4) === 0,
    body: Buffer.from(`${number}`.repeat(random.oneOf([1, 40]))),
    tags: [{ value: tags(), at: writtenAt }, ...some(tags)],
    retentions: [{ value: undefined, at: writtenAt }, ...(locks ? some(retention) : [])],
    holds: [
      { value: undefined, at: writtenAt },
      ...(locks ? some<boolean | undefined>(() => random.below(2) === 0) : []),
    ],
    isRemoved,
  }
}

/** Each change is told of at least once, along with whichever the teller knows of the other facts. */
function messagesOf(random: Random, version: Version): Message[] {
  const { tags, retentions, holds, isMarker, isRemoved } = version
  const facts = (known: Partial<Snapshot>): Snapshot => ({
    tags: random.oneOf(tags),
    retention: random.oneOf(retentions),
    hold: random.oneOf(holds),
    ...known,
  })
  const told = isMarker
    ? [facts({})]
    : [
        ...tags.map((one) => facts({ tags: one })),
        ...retentions.map((one) => facts({ retention: one })),
        ...holds.map((one) => facts({ hold: one })),
      ]
  const kind = () => (isMarker ? 'put' : random.oneOf(['put', 'merge'] as const))
  return [
    ...told.map((one): Message => ({ kind: kind(), version, facts: one })),
    ...(isRemoved ? [{ kind: 'remove', version } as const] : []),
  ]
}

const time = (at: number): Date => new Date(START + at)

/** As another store does it: what has no such version gets all of it, and what was removed stays so. */
async function deliver(bucket: Bucket, message: Message): Promise<void> {
  const { version } = message
  const { key, versionId, writtenAt } = version
  if (message.kind === 'remove') {
    await bucket.delete(key, { versionId, replica: {} })
    return
  }
  const { tags, retention, hold } = message.facts
  const changed = { tags: time(tags.at), retention: time(retention.at), legalHold: time(hold.at) }
  const bypassGovernance = true
  try {
    if (version.isMarker) {
      const deleteMarker = { lastModified: time(writtenAt) }
      await bucket.delete(key, { versionId, replica: { deleteMarker } })
      return
    }
    if (message.kind === 'merge' && (await merged())) return
    const options = {
      replica: { versionId, lastModified: time(writtenAt), etag: `etag-${versionId}`, changed },
      bypassGovernance,
      tags: tags.value,
      ...(retention.value && { retention: retention.value }),
      ...(hold.value === undefined ? {} : { legalHold: hold.value }),
    }
    if (!version.isUpload) {
      await bucket.put(key, version.body, options)
      return
    }
    const upload = await bucket.createUpload(key, options)
    const part = await upload.putPart(1, version.body)
    await upload.complete([part])
  } catch (error) {
    if (!isEngineError(error, 'PreconditionFailed')) throw error
    assert.ok(version.isRemoved)
  }

  async function merged(): Promise<boolean> {
    const facts = {
      versionId,
      tags: tags.value,
      retention: retention.value ?? ('none' as const),
      ...(hold.value === undefined ? {} : { legalHold: hold.value }),
      changed,
    }
    try {
      await bucket.mergeReplica(key, facts, { bypassGovernance })
      return true
    } catch (error) {
      if (isEngineError(error, 'NoSuchVersion')) return false
      throw error
    }
  }
}

/** Everything that can be seen of a bucket. */
async function seen(bucket: Bucket): Promise<object[]> {
  const found: object[] = []
  for await (const entry of bucket.listVersions()) {
    if (entry.type !== 'version') continue
    const { key, versionId, isDeleteMarker } = entry.info
    if (isDeleteMarker) {
      found.push(entry.info)
      continue
    }
    await using object = await bucket.get(key, { versionId })
    const body = Buffer.from(await object.bytes()).toString()
    found.push({ ...entry.info, body, tags: await bucket.getTags(key, { versionId }) })
  }
  return found
}

async function tellAll(messages: readonly Message[], { locks, seed }: { locks: boolean; seed: number }) {
  const clock = { nowMs: START + 6, now: () => clock.nowMs, monotonic: () => 0 }
  const kv = MemoryKvStore.open()
  const blobs = await MemoryBlobStore.open()
  const stores = { kv: new AsynchronousKvStore(kv, { seed }), blobs }
  const engine = await Engine.open({ stores, clock, background: false, inlineMaxBytes: INLINE_MAX_BYTES })
  await engine.createBucket('box', { objectLock: locks })
  const box = engine.bucket('box')
  await box.setConfiguration('versioning', 'enabled')
  // Some at a time, as several senders would.
  for (let at = 0; at < messages.length; at += 4)
    await Promise.all(messages.slice(at, at + 4).map((message) => deliver(box, message)))
  const all = await seen(box)
  const keys: string[] = []
  for await (const entry of box.list()) if (entry.type === 'object') keys.push(entry.info.key)
  await engine.reclaim()
  await assertInvariants({ kv, blobs, reclaimedAtMs: clock.nowMs })
  await engine.close()
  return { all, keys }
}

const newest = (tags: readonly Fact<Tags>[]): Tags => {
  const text = ({ at, value }: Fact<Tags>) =>
    `${String(at).padStart(6, '0')} ${JSON.stringify(Object.entries(value))}`
  return [...tags].sort((one, other) => (text(one) < text(other) ? -1 : 1)).at(-1)!.value
}

for (const locks of [false, true])
  test(`whatever reaches two stores, in whichever order and however often, both have the same${locks ? ', locks too' : ''}`, async (t) => {
    const seed = Number(process.env['AQUIFER_SEED'] ?? Date.now() % 1_000_000)
    t.diagnostic(`seed ${seed}`)
    for (let run = 0; run < 30; run++) {
      const random = new Random(seed + run)
      const versions = Array.from({ length: 1 + random.below(6) }, (_, number) =>
        versionOf(random, number, { locks }),
      )
      const messages = versions.flatMap((version) => messagesOf(random, version))
      const twice = messages.filter(() => random.below(3) === 0)
      const [one, other] = [
        await tellAll(random.shuffled([...messages, ...twice]), { locks, seed: seed + run }),
        await tellAll(random.shuffled([...twice, ...messages]), { locks, seed: seed + run + 1 }),
      ]
      assert.deepEqual(one, other, `seed ${seed}, run ${run}`)
      const expected = versions
        .filter(({ isRemoved }) => !isRemoved)
        .sort((a, b) => (a.key + a.versionId < b.key + b.versionId ? -1 : 1))
        .map(({ key, versionId, isMarker, tags, body }) =>
          isMarker ? { key, versionId } : { key, versionId, tags: newest(tags), body: body.toString() },
        )
      const found = (one.all as typeof expected).map(({ key, versionId, tags, body }) =>
        tags === undefined ? { key, versionId } : { key, versionId, tags, body: body! },
      )
      assert.deepEqual(found, expected, `seed ${seed}, run ${run}`)
    }
  })
