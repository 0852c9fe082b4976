import { isEngineError, type ObjectInfo } from '@aquifer/engine'
import {
  type RecordedBucket,
  type RecordedEngine,
  type RecordedPart,
  RecordedUpload,
} from '@aquifer/engine/testing'
import { copiedEtag } from '../../dist/rules/etag.js'
import { setDistantRules, sweepInVain } from './distant-rules.js'
import { setDistantTarget } from './distant-target.js'
import { bytesOf } from './workload.js'

/** Rides on its row; lies in a blob. */
const SMALL = 150
const LARGE = 3_000

/** What a scenario finds: a store that holds one of everything. */
export interface Scene {
  readonly engine: RecordedEngine
  readonly red: RecordedBucket
  /** Keeps versions; `null`, `small` and `large` were there before. */
  readonly blue: RecordedBucket
  /** Kept versions and does no more: each key has one beside its null version. */
  readonly grey: RecordedBucket
  readonly versions: Versions
  /** An upload of two parts that is still open. */
  readonly open: RecordedUpload
  readonly openParts: readonly RecordedPart[]
  /** Bytes that nothing else has. */
  bytes(sizeBytes: number): Uint8Array
}

/** What outlives the process that set the scene. */
export interface Props {
  readonly uploadId: string
  readonly openParts: readonly RecordedPart[]
  readonly versions: Versions
}

/** Of the key `old` in the versioned bucket: the older one and the current one, which is large. */
interface Versions {
  readonly older: ObjectInfo
  readonly current: ObjectInfo
  /** The version of `deleted` that its delete marker hides. */
  readonly hidden: ObjectInfo
  readonly marker: string
}

export async function setScene(engine: RecordedEngine): Promise<Props> {
  for (const name of ['red', 'empty', 'full']) await engine.createBucket(name)
  const red = engine.bucket('red')
  const bytes = bytesFrom(1)
  await engine.bucket('full').put('a', bytes(SMALL))
  await red.put('small', bytes(SMALL))
  await red.put('large', bytes(LARGE))
  await red.put('source', bytes(LARGE))
  await red.copy('source', 'copy')
  await red.put('lender', lenderBytes)
  await putInParts(red, 'long', 9, bytes)
  const mixed = await red.createUpload('mixed')
  await mixed.complete([await mixed.putPart(1, bytes(LARGE)), await copyFromLender(mixed, 2, engine)])
  const open = await red.createUpload('open')
  const openParts = [await open.putPart(1, bytes(LARGE)), await copyFromLender(open, 2, engine)]
  await (await engine.bucket('empty').createUpload('left')).putPart(1, bytes(LARGE))
  await red.put('gone', bytes(LARGE))
  await red.delete('gone') // Left to be reclaimed.
  const versions = await setVersionsScene(engine, bytes)
  for (const name of ['red', 'blue', 'grey']) await setDistantRules(engine.engine, name)
  await sweepInVain(engine.engine)
  return { uploadId: open.uploadId, openParts, versions }
}

async function setVersionsScene(
  engine: RecordedEngine,
  bytes: (sizeBytes: number) => Uint8Array,
): Promise<Versions> {
  for (const name of ['blue', 'grey']) await engine.createBucket(name)
  const [blue, grey] = [engine.bucket('blue'), engine.bucket('grey')]
  await blue.put('small', bytes(SMALL))
  await blue.put('large', bytes(LARGE))
  await blue.setVersioning('enabled')
  await grey.setVersioning('enabled')
  await setDistantTarget(engine.engine, 'blue')
  const older = await blue.put('old', bytes(SMALL))
  const current = await blue.put('old', bytes(LARGE))
  const hidden = await blue.put('deleted', bytes(LARGE))
  await blue.delete('deleted')
  for (const key of ['small', 'large']) await grey.put(key, bytes(SMALL))
  await grey.setVersioning('suspended')
  await grey.put('small', bytes(SMALL))
  await grey.put('large', bytes(LARGE))
  let marker = ''
  for await (const entry of engine.engine.bucket('blue').listVersions({ prefix: 'deleted', limit: 1 }))
    if (entry.type === 'version' && entry.info.isLatest) marker = entry.info.versionId
  return { older, current, hidden, marker }
}

export function enter(engine: RecordedEngine, { uploadId, openParts, versions }: Props): Scene {
  const upload = engine.engine.bucket('red').upload('open', uploadId)
  return {
    engine,
    red: engine.bucket('red'),
    blue: engine.bucket('blue'),
    grey: engine.bucket('grey'),
    versions,
    open: new RecordedUpload('red', upload, engine.history),
    openParts,
    bytes: bytesFrom(1_000),
  }
}

/** What is done while the disk fails. Each step stands for itself: what one meets does not keep the next away. */
export const scenarios: Readonly<Record<string, (scene: Scene) => readonly (() => Promise<unknown>)[]>> = {
  'a small put': ({ red, bytes }) => [() => red.put('new', bytes(SMALL))],
  'a large put': ({ red, bytes }) => [() => red.put('new', bytes(LARGE))],
  'puts over small and large': ({ red, bytes, engine }) => [
    () => red.put('small', bytes(LARGE)),
    () => red.put('large', bytes(SMALL)),
    () => engine.engine.reclaim(),
  ],
  'an empty put and a put read in pieces': ({ red, bytes }) => [
    () => red.put('new', bytes(0)),
    () => {
      const whole = bytes(LARGE)
      return red.put('large', whole, inPieces(whole))
    },
  ],
  deletes: ({ red, engine }) => [
    () => red.delete('small'),
    () => red.delete('large'),
    () => red.delete('nothing'),
    () => engine.engine.reclaim(),
  ],
  'small and large streams as many objects': ({ red, bytes, engine }) => [
    () => red.fanOut(keys('a', 'small', 'copy'), bytes(SMALL)),
    () => red.fanOut(keys('b', 'large', 'source'), bytes(LARGE)),
    () => engine.engine.reclaim(),
    () => red.delete('b'),
    () => engine.engine.reclaim(),
  ],
  'a stream as many objects or as none, over what others share': ({ red, blue, bytes, engine }) => [
    () => red.fanOut(keys('a', 'source', 'copy'), bytes(LARGE), { atomic: true }),
    () => blue.fanOut(keys('small', 'old', 'new'), bytes(LARGE), { atomic: true }),
    () => engine.engine.reclaim(),
    () => red.deleteMany(['a', 'source', 'copy']),
    () => engine.engine.reclaim(),
  ],
  'a stream as objects of several buckets, which then go one by one': ({
    red,
    blue,
    grey,
    bytes,
    engine,
  }) => {
    const across = [
      { key: 'a' },
      { bucket: 'blue', key: 'large' },
      { bucket: 'grey', key: 'large' },
      { key: 'large', ifNoneMatch: '*' },
      { bucket: 'nowhere', key: 'a' },
      { bucket: 'blue', key: 'small' },
    ]
    const whole = bytes(LARGE)
    return [
      () => red.fanOut(across, whole, { source: inPieces(whole) }),
      () => engine.engine.reclaim(),
      () => red.append('a', bytes(SMALL)),
      () => grey.delete('large'),
      () => blue.put('small', bytes(SMALL)),
      () => engine.engine.reclaim(),
      () => red.fanOut(across.slice(0, 3), bytes(LARGE), { atomic: true }),
      () => red.rename('a', 'small'),
      () => red.delete('small'),
      () => engine.engine.reclaim(),
    ]
  },
  'many deletes at once': ({ red, engine }) => [
    () => red.deleteMany(['small', 'large', 'copy', 'long', 'nothing']),
    () => engine.engine.reclaim(),
  ],
  'copies of small and large': ({ red }) => [
    () => red.copy('small', 'new'),
    () => red.copy('large', 'newer'),
  ],
  'a copy over a large object': ({ red, engine }) => [
    () => red.copy('source', 'large'),
    () => engine.engine.reclaim(),
  ],
  'a shared body that goes with its last holder': ({ red, engine }) => [
    () => red.delete('source'),
    () => engine.engine.reclaim(),
    () => red.delete('copy'),
    () => engine.engine.reclaim(),
  ],
  'appends to small and large, and to what is not there': ({ red, bytes, engine }) => [
    () => red.append('small', bytes(SMALL)),
    () => red.append('small', bytes(LARGE)),
    () => red.append('large', bytes(SMALL)),
    () => red.append('large', bytes(SMALL)),
    () => red.put('small', bytes(SMALL)),
    () => engine.engine.reclaim(),
  ],
  'appends to what others share, which then goes': ({ red, bytes, engine }) => [
    () => red.append('copy', bytes(SMALL)),
    () => red.copy('copy', 'copy of it'),
    () => red.append('copy', bytes(SMALL)),
    () => red.delete('source'),
    () => red.delete('copy of it'),
    () => engine.engine.reclaim(),
    () => red.delete('copy'),
    () => engine.engine.reclaim(),
  ],
  'appends to a list of extents longer than a record': ({ red, bytes, engine }) => [
    () => red.append('long', bytes(SMALL)),
    () => red.copy('long', 'long copy'),
    () => red.append('long', bytes(LARGE)),
    () => red.delete('long copy'),
    () => engine.engine.reclaim(),
    () => red.delete('long'),
    () => engine.engine.reclaim(),
  ],
  'renames, to a new key and over what is there': ({ red, engine }) => [
    () => red.rename('small', 'new'),
    () => red.rename('large', 'new'),
    () => red.rename('copy', 'source'),
    () => red.rename('long', 'lender'),
    () => engine.engine.reclaim(),
  ],
  'an upload, from its beginning to its completion': ({ red, bytes, engine }) => [
    () => putInParts(red, 'new', 2, bytes),
    () => engine.engine.reclaim(),
  ],
  'a completion over a large object': ({ open, openParts, engine }) => [
    () => open.complete(openParts),
    () => open.complete(openParts),
    () => engine.engine.reclaim(),
  ],
  'a part sent twice': ({ open, openParts, bytes, engine }) => {
    const parts = [...openParts]
    return [
      async () => {
        parts[0] = await open.putPart(1, bytes(LARGE))
      },
      () => open.complete(parts),
      () => engine.engine.reclaim(),
    ]
  },
  'an object of so many parts that its extents have rows': ({ red, bytes, engine }) => [
    () => putInParts(red, 'new', 8, bytes),
    () => engine.engine.reclaim(),
  ],
  'a long object that goes': ({ red, engine, bytes }) => [
    () => red.put('long', bytes(SMALL)),
    () => engine.engine.reclaim(),
  ],
  'an aborted upload': ({ open, engine }) => [() => open.abort(), () => engine.engine.reclaim()],
  'parts copied from objects in blobs': ({ open, openParts, engine }) => {
    const parts = [...openParts]
    return [
      async () => {
        parts[2] = await copyFromLender(open, 3, engine)
      },
      () => open.complete(parts.filter((part) => part !== undefined)),
      () => engine.engine.reclaim(),
    ]
  },
  'a lender that goes before those who borrow': ({ red, engine }) => [
    () => red.delete('lender'),
    () => engine.engine.reclaim(),
    () => red.delete('mixed'),
    () => engine.engine.reclaim(),
  ],
  'a shared body that borrows, and goes with its last holder': ({ red, engine }) => [
    () => red.copy('mixed', 'mixed too'),
    () => red.delete('mixed'),
    () => red.delete('mixed too'),
    () => engine.engine.reclaim(),
  ],
  'a part that borrows a list longer than a record': ({ red, engine }) => [
    async () => {
      const upload = await red.createUpload('new')
      const { etag, sizeBytes } = await engine.engine.bucket('red').head('long')
      await using long = await engine.engine.bucket('red').get('long')
      const bytes = await long.bytes()
      const expected = { etag: copiedEtag(etag, { offset: 0, length: sizeBytes }, sizeBytes), bytes }
      await upload.complete([await upload.copyPart(1, { key: 'long' }, expected)])
    },
    () => engine.engine.reclaim(),
    () => red.delete('long'),
    () => engine.engine.reclaim(),
  ],
  'a bucket made and written to': ({ engine, bytes }) => [
    () => engine.createBucket('new-one'),
    () => engine.bucket('new-one').put('a', bytes(LARGE)),
  ],
  'buckets removed, an empty one with an upload and a full one': ({ engine }) => [
    () => engine.removeBucket('empty'),
    () => engine.removeBucket('full'),
    () => engine.engine.reclaim(),
  ],
  'a second version of what was the only one': ({ blue, bytes }) => [
    () => blue.put('small', bytes(LARGE)),
    () => blue.put('large', bytes(SMALL)),
    () => blue.copy('large', 'large too'),
  ],
  'delete markers, over versions and over nothing': ({ blue, engine }) => [
    () => blue.delete('old'),
    () => blue.delete('large'),
    () => blue.delete('nothing'),
    () => engine.engine.reclaim(),
  ],
  'versions that go for good': ({ blue, engine, versions: { older, current, hidden, marker } }) => [
    () => blue.deleteCurrent('old', current.versionId!, older.etag),
    () => blue.deleteCurrent('deleted', marker, hidden.etag),
    () => blue.deleteCurrent('deleted', hidden.versionId!, undefined),
    () => blue.deleteCurrent('large', 'null', undefined),
    () => engine.engine.reclaim(),
  ],
  'an older version brought back, and the others gone': ({ blue, engine, versions: { hidden, marker } }) => [
    async () => {
      await blue.restore('deleted', hidden.versionId!, hidden.etag)
      await blue.deleteVersion('deleted', marker)
      await blue.deleteVersion('deleted', hidden.versionId!)
    },
    () => engine.engine.reclaim(),
  ],
  'versions of another store, which come and go': ({ blue, engine, bytes }) => {
    const last = '1'.repeat(20)
    const [newest, oldest] = [
      { versionId: `100000000000${last}`, isCurrent: true },
      { versionId: `ff0000000000${last}`, isCurrent: false },
    ]
    const large = bytes(LARGE)
    return [
      () => blue.bring('small', bytes(SMALL), newest),
      () => blue.bring('large', bytes(LARGE), oldest),
      () => blue.bring('old', bytes(SMALL), oldest),
      () => blue.bring('new', large, newest),
      () => blue.bring('new', large, newest),
      () => blue.remove('old', oldest),
      () => blue.remove('new', newest),
      () => engine.engine.reclaim(),
    ]
  },
  'an upload completed as a version': ({ blue, bytes, engine }) => [
    () => putInParts(blue, 'large', 2, bytes),
    () => engine.engine.reclaim(),
  ],
  'writes in the place of null versions': ({ grey, bytes, engine }) => [
    () => grey.put('small', bytes(LARGE)),
    () => grey.put('large', bytes(SMALL)),
    () => grey.delete('small'),
    () => grey.put('new', bytes(LARGE)),
    () => grey.delete('new'),
    () => engine.engine.reclaim(),
  ],
  'rules that are set anew, and sweeps of what they ask to have looked at': ({ engine, blue, bytes }) => [
    () => setDistantRules(engine.engine, 'red'),
    () => blue.put('old', bytes(SMALL)),
    () => sweepInVain(engine.engine),
    () => blue.put('new', bytes(LARGE)),
    () => engine.engine.bucket('red').setConfiguration('lifecycle', undefined),
    () => sweepInVain(engine.engine),
  ],
  'many at once': ({ red, bytes, engine }) => [
    () =>
      Promise.allSettled([
        ...['a', 'b', 'c', 'small'].map((key) => red.put(key, bytes(SMALL))),
        ...['d', 'e', 'large'].map((key) => red.put(key, bytes(LARGE))),
        red.copy('source', 'f'),
        red.delete('copy'),
      ]).then(throwFirst),
    () => engine.engine.reclaim(),
  ],
}

const keys = (...names: string[]) => names.map((key) => ({ key }))

/** Carries a scenario out. Only errors of the engine's own may be met on the way. */
export async function play(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      if (!isOwn(error)) throw error
    }
  }
}

const isOwn = (error: unknown): boolean =>
  isEngineError(error) || (error instanceof AggregateError && error.errors.every(isOwn))

function throwFirst(results: readonly PromiseSettledResult<unknown>[]): void {
  const strange = results.find((result) => result.status === 'rejected' && !isOwn(result.reason))
  if (strange?.status === 'rejected') throw strange.reason
}

const lenderBytes = bytesOf(-1, LARGE)

async function copyFromLender(
  upload: RecordedUpload,
  partNumber: number,
  engine: RecordedEngine,
): Promise<RecordedPart> {
  const range = { offset: 100, length: LARGE - 200 }
  const { etag } = await engine.engine.bucket('red').head('lender')
  const bytes = lenderBytes.subarray(range.offset, range.offset + range.length)
  return upload.copyPart(
    partNumber,
    { key: 'lender', range },
    { etag: copiedEtag(etag, range, LARGE), bytes },
  )
}

async function putInParts(
  bucket: RecordedBucket,
  key: string,
  count: number,
  bytes: (sizeBytes: number) => Uint8Array,
): Promise<void> {
  const upload = await bucket.createUpload(key)
  const parts: RecordedPart[] = []
  for (let number = 1; number <= count; number++) parts.push(await upload.putPart(number, bytes(500)))
  await upload.complete(parts)
}

function bytesFrom(first: number): (sizeBytes: number) => Uint8Array {
  let content = first
  return (sizeBytes) => bytesOf(++content, sizeBytes)
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 1_000) yield bytes.subarray(at, at + 1_000)
}
