import type {
  Attributes,
  ByteRange,
  ChecksumAlgorithm,
  ChecksumType,
  ListOptions,
  ObjectLock,
  Tags,
  Versioning,
} from '@aquifer/engine'
import fc from 'fast-check'

/** ETags and ids are not known before a sequence runs: a step says which it means. */
export interface Conditions {
  ifMatch?: 'current' | 'other' | 'any'
  ifNoneMatch?: 'current' | 'other' | 'any'
}
export interface Where {
  bucket: string
  key: string
}
/** One of a key's versions, by its place from the newest on; `unknown`: one that never was. Absent: the current one. */
export type Version = number | 'null' | 'unknown'
export interface Source extends Where {
  version?: Version
}
/** Until so many milliseconds after the step. */
export interface RetentionAsked {
  mode: 'governance' | 'compliance'
  afterMs: number
}
export interface LockAsked {
  retention?: RetentionAsked
  legalHold?: boolean
}
export interface Bytes {
  seed: number
  sizeBytes: number
  /** As one array, as a stream of such chunks, or as a Blob. */
  as: 'whole' | 'pieces' | 'blob'
}
export type ReadAs = 'bytes' | 'body' | 'web'
/** What the caller says of the bytes it sends. */
export type Claim = 'nothing' | 'right' | 'wrong md5' | 'wrong size' | 'wrong checksum'

/** One verb with what it is given. Uploads are meant by their place among those begun so far. */
export type Step =
  | { verb: 'createBucket' | 'removeBucket'; bucket: string }
  | { verb: 'listBuckets'; options: ListOptions }
  | {
      verb: 'put'
      at: Where
      bytes: Bytes
      claim: Claim
      attributes: Attributes
      conditions: Conditions
      lock?: LockAsked
    }
  | { verb: 'setObjectLock'; bucket: string; objectLock: ObjectLock }
  | { verb: 'setRetention'; at: Source; retention?: RetentionAsked; bypassGovernance: boolean }
  | { verb: 'setLegalHold'; at: Source; on: boolean }
  | { verb: 'setVersioning'; bucket: string; versioning: Versioning }
  | { verb: 'get'; at: Source; range?: ByteRange; partNumber?: number; conditions: Conditions; as: ReadAs }
  | { verb: 'head'; at: Source; range?: ByteRange; conditions: Conditions }
  | { verb: 'delete'; at: Source; conditions: Conditions; bypassGovernance?: boolean }
  | {
      verb: 'deleteMany'
      bucket: string
      targets: { key: string; version?: Version; conditions: Conditions }[]
    }
  | {
      verb: 'fanOut'
      bucket: string
      bytes: Bytes
      claim: Claim
      targets: { at: Where; attributes: Attributes; conditions: Conditions; lock?: LockAsked }[]
      atomic: boolean
    }
  | { verb: 'setTags'; at: Source; tags: Tags }
  | { verb: 'getTags'; at: Source }
  | { verb: 'list' | 'listVersions' | 'listUploads'; bucket: string; options: ListOptions }
  | {
      verb: 'copy'
      from: Source
      at: Where
      fromConditions: Conditions
      conditions: Conditions
      replace?: Omit<Attributes, 'tags'>
      replaceTags?: Tags
      lock?: LockAsked
      storageClass?: string
    }
  | {
      verb: 'append'
      at: Where
      bytes: Bytes
      claim: Claim
      offset: 'end' | 'other' | 'any'
      conditions: Conditions
    }
  | { verb: 'rename'; from: Where; to: string; fromConditions: Conditions; conditions: Conditions }
  | {
      verb: 'createUpload'
      at: Where
      attributes: Attributes
      lock?: LockAsked
      checksum: { checksumAlgorithm?: ChecksumAlgorithm; checksumType?: ChecksumType }
      conditions: Conditions
    }
  | { verb: 'putPart'; upload: number; partNumber: number; bytes: Bytes }
  | { verb: 'copyPart'; upload: number; partNumber: number; from: Source; range?: ByteRange }
  | { verb: 'parts' | 'abort' | 'uploadOfAnotherKey'; upload: number; afterPartNumber: number }
  | {
      verb: 'complete'
      upload: number
      leaveOut: number
      mistake: 'none' | 'etag' | 'order' | 'missing'
      conditions: Conditions
    }
  /** `open` keeps an object open over the steps that follow, until `drain` reads the one that was opened first. */
  | { verb: 'open'; at: Source; as: ReadAs }
  | { verb: 'drain' }
  | { verb: 'reclaim' }
  | { verb: 'reopen' }

const bucket = fc.oneof(
  { weight: 12, arbitrary: fc.constant('first') },
  { weight: 2, arbitrary: fc.constantFrom('second', 'third') },
)
// Few keys, so that steps meet; chosen for what is hard to list: prefixes of each other, neighbours of the
// delimiter, and characters whose UTF-8 and UTF-16 orders differ.
const keys = ['a', 'a/', 'a/b', 'a/b/c', 'a/b/d', 'a/c', 'a0', 'a//', 'b', 'b/\uffff', 'b/😀', '😀', '\uffff']
const key = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'a/b', 'b') },
  { weight: 2, arbitrary: fc.constantFrom(...keys) },
)
const at = fc.record({ bucket, key }, { noNullPrototype: true })
const versioning = fc.constantFrom('enabled' as const, 'enabled' as const, 'suspended' as const)
const version = fc.constantFrom(0, 1, 2, 'null' as const, 'null' as const, 'unknown' as const)
const source: fc.Arbitrary<Source> = fc.oneof(
  { weight: 2, arbitrary: at },
  { weight: 1, arbitrary: fc.record({ bucket, key, version }, { noNullPrototype: true }) },
)
const condition = fc.constantFrom('current' as const, 'other' as const, 'any' as const)
const conditions = fc.oneof(
  { weight: 15, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ ifMatch: condition }) },
  { weight: 1, arbitrary: fc.record({ ifNoneMatch: condition }) },
  { weight: 1, arbitrary: fc.record({ ifMatch: condition, ifNoneMatch: condition }) },
)
const bytes = fc.record({
  seed: fc.nat(250),
  // Around the bound of inline bodies (16) and of parts (8), and a few hundred.
  sizeBytes: fc.constantFrom(0, 1, 7, 8, 16, 17, 30, 64, 100, 300),
  as: fc.constantFrom('whole' as const, 'pieces' as const, 'blob' as const),
})
const readAs = fc.constantFrom('bytes' as const, 'body' as const, 'web' as const)
const claim = fc.oneof(
  { weight: 4, arbitrary: fc.constant('nothing' as const) },
  { weight: 2, arbitrary: fc.constant('right' as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('wrong md5' as const, 'wrong size' as const, 'wrong checksum' as const),
  },
)
const checksum = fc.constantFrom(
  {},
  {},
  { checksumAlgorithm: 'crc32' as const },
  { checksumAlgorithm: 'crc32' as const, checksumType: 'full-object' as const },
  { checksumAlgorithm: 'crc64nvme' as const },
  { checksumAlgorithm: 'sha256' as const },
)
const word = fc.constantFrom('', 'x', 'text/plain', 'ä 😀', 'max-age=60')
const tags = fc.dictionary(fc.constantFrom('a', 'b', '__proto__', '!'), fc.constantFrom('', 'x', 'ä'), {
  noNullPrototype: true,
  maxKeys: 2,
})
const attributes: fc.Arbitrary<Attributes> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        contentType: word,
        cacheControl: word,
        storageClass: fc.constant('STANDARD_IA'),
        websiteRedirect: fc.constant('/elsewhere'),
        ownerId: word,
        tags,
        metadata: fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), word, { noNullPrototype: true }),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
  },
)
const count = fc.constantFrom(0, 1, 2, 8, 15, 16, 17, 40, 1_000)
const range: fc.Arbitrary<ByteRange | undefined> = fc.option(
  fc.oneof(
    fc.record({ offset: count }),
    fc.record({ offset: count, length: count }),
    fc.record({ suffix: count }),
  ),
  { nil: undefined },
)
const text = fc.oneof(key, fc.constantFrom('', 'a/b/', 'b/', 'a/b', '/', 'zz', '\u0001'))
const listing: fc.Arbitrary<ListOptions> = fc.record(
  {
    prefix: text,
    delimiter: fc.constantFrom('/', '', 'b', '/b', '😀'),
    startAfter: text,
    limit: fc.constantFrom(0, 1, 1, 2, 3, 1_000),
  },
  { requiredKeys: [], noNullPrototype: true },
)
const upload = fc.nat(3)
const partNumber = fc.constantFrom(1, 2, 3, 4, 7, 10_000)

type FanOut = Extract<Step, { verb: 'fanOut' }>
function fanOutTo(targets: fc.Arbitrary<FanOut['targets']>): fc.Arbitrary<FanOut> {
  const verb = fc.constant('fanOut' as const)
  return fc.record({ verb, bucket, bytes, claim, targets, atomic: fc.boolean() })
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('createBucket' as const), bucket }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('removeBucket' as const), bucket }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('listBuckets' as const), options: listing }) },
  {
    weight: 10,
    arbitrary: fc.record({ verb: fc.constant('put' as const), at, bytes, claim, attributes, conditions }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      verb: fc.constant('get' as const),
      at: source,
      range,
      conditions,
      as: readAs,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      verb: fc.constant('get' as const),
      at: source,
      partNumber,
      conditions: fc.constant({}),
      as: fc.constant('bytes' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('head' as const), at: source, range, conditions }) },
  { weight: 4, arbitrary: fc.record({ verb: fc.constant('delete' as const), at: source, conditions }) },
  {
    weight: 1,
    arbitrary: fc.record({
      verb: fc.constant('deleteMany' as const),
      bucket,
      targets: fc.array(
        fc.record(
          { key, version, conditions },
          { requiredKeys: ['key', 'conditions'], noNullPrototype: true },
        ),
        { maxLength: 5 },
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fanOutTo(
      fc.oneof(
        // A key may be named twice: where each is for itself they are written in their order.
        fc.array(fc.record({ at, attributes, conditions }), { minLength: 1, maxLength: 6 }),
        fc.uniqueArray(fc.record({ at, attributes, conditions }), {
          selector: ({ at: where }) => `${where.bucket}/${where.key}`,
          minLength: 1,
          maxLength: 12,
          size: 'max',
        }),
      ),
    ),
  },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('setTags' as const), at: source, tags }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('getTags' as const), at: source }) },
  { weight: 5, arbitrary: fc.record({ verb: fc.constant('list' as const), bucket, options: listing }) },
  {
    weight: 3,
    arbitrary: fc.record({ verb: fc.constant('listVersions' as const), bucket, options: listing }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ verb: fc.constant('listUploads' as const), bucket, options: listing }),
  },
  {
    weight: 6,
    arbitrary: fc.record(
      {
        verb: fc.constant('copy' as const),
        from: source,
        at,
        fromConditions: conditions,
        conditions,
        replace: attributes.map(({ tags: _, ...rest }) => rest),
        replaceTags: tags,
        storageClass: fc.constant('GLACIER_IR'),
      },
      { requiredKeys: ['verb', 'from', 'at', 'fromConditions', 'conditions'] },
    ),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      verb: fc.constant('append' as const),
      at,
      bytes,
      claim,
      offset: fc.constantFrom('end' as const, 'end' as const, 'any' as const, 'other' as const),
      conditions: conditions.map(({ ifNoneMatch: _, ...rest }: Conditions) => rest),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constant('rename' as const),
      from: at,
      to: key,
      fromConditions: conditions,
      conditions,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constant('createUpload' as const),
      at,
      attributes,
      checksum,
      conditions,
    }),
  },
  { weight: 10, arbitrary: fc.record({ verb: fc.constant('putPart' as const), upload, partNumber, bytes }) },
  {
    weight: 4,
    arbitrary: fc.record({ verb: fc.constant('copyPart' as const), upload, partNumber, from: source, range }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      verb: fc.constantFrom(
        'parts' as const,
        'parts' as const,
        'abort' as const,
        'uploadOfAnotherKey' as const,
      ),
      upload,
      afterPartNumber: fc.constantFrom(0, 1, 3, 10_000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      verb: fc.constant('complete' as const),
      upload,
      leaveOut: fc.nat(7),
      mistake: fc.oneof(
        { weight: 5, arbitrary: fc.constant('none' as const) },
        { weight: 1, arbitrary: fc.constantFrom('etag' as const, 'order' as const, 'missing' as const) },
      ),
      conditions,
    }),
  },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('open' as const), at: source, as: readAs }) },
  { weight: 1, arbitrary: fc.constant({ verb: 'drain' as const }) },
  { weight: 1, arbitrary: fc.constant({ verb: 'reclaim' as const }) },
  { weight: 1, arbitrary: fc.constant({ verb: 'reopen' as const }) },
)

// Two keys alone, so that they come to have many versions, and their states to follow each other.
const crowded = fc.record({ bucket: fc.constant('first'), key: fc.constantFrom('a', 'b') })
const oneOfMany = fc.record({ bucket: fc.constant('first'), key: fc.constantFrom('a', 'b'), version })
const noConditions = fc.constant({})
const plainPut = {
  verb: fc.constant('put' as const),
  at: crowded,
  bytes,
  claim: fc.constant('nothing' as const),
  attributes: fc.constant({}),
  conditions: noConditions,
}
const plainCopy = {
  verb: fc.constant('copy' as const),
  from: oneOfMany,
  at: crowded,
  fromConditions: noConditions,
  conditions: noConditions,
}
const versionStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(plainPut),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      verb: fc.constant('delete' as const),
      at: fc.oneof(oneOfMany, oneOfMany, crowded),
      conditions: noConditions,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record(plainCopy),
  },
  {
    weight: 2,
    arbitrary: fanOutTo(
      fc.array(fc.record({ at: crowded, attributes: fc.constant({}), conditions }), {
        minLength: 1,
        maxLength: 4,
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      verb: fc.constant('setVersioning' as const),
      bucket: fc.constant('first'),
      versioning,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      verb: fc.constant('listVersions' as const),
      bucket: fc.constant('first'),
      options: listing,
    }),
  },
)

// Some end while the sequence runs, some do not, and one has ended already.
const retention: fc.Arbitrary<RetentionAsked> = fc.record({
  mode: fc.constantFrom('governance' as const, 'compliance' as const),
  afterMs: fc.constantFrom(-1, 0, 1_500, 4_500, 20_000, 86_400_000),
})
const lock: fc.Arbitrary<LockAsked> = fc.record({ retention, legalHold: fc.boolean() }, { requiredKeys: [] })
const lockStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ ...plainPut, lock }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ ...plainCopy, lock }),
  },
  {
    weight: 2,
    arbitrary: fanOutTo(
      fc.array(
        fc.record({
          at: fc.oneof({ weight: 3, arbitrary: crowded }, { weight: 1, arbitrary: at }),
          attributes: fc.constant({}),
          conditions: noConditions,
          lock,
        }),
        { minLength: 1, maxLength: 4 },
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      verb: fc.constant('createUpload' as const),
      at: crowded,
      attributes: fc.constant({}),
      checksum: fc.constant({}),
      conditions: noConditions,
      lock,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        verb: fc.constant('setRetention' as const),
        at: oneOfMany,
        retention,
        bypassGovernance: fc.boolean(),
      },
      { requiredKeys: ['verb', 'at', 'bypassGovernance'] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({ verb: fc.constant('setLegalHold' as const), at: oneOfMany, on: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constant('delete' as const),
      at: oneOfMany,
      conditions: noConditions,
      bypassGovernance: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      verb: fc.constant('setObjectLock' as const),
      bucket: fc.constant('first'),
      objectLock: fc.constantFrom<ObjectLock>(
        {},
        { defaultRetention: { mode: 'governance', days: 1 } },
        { defaultRetention: { mode: 'compliance', days: 1 } },
      ),
    }),
  },
)

/** What the steps are of, and what comes before them. */
const themes = [
  { step, first: [] },
  { step: fc.oneof(step, versionStep), first: [] },
  {
    step: fc.oneof(step, versionStep, lockStep, lockStep),
    first: [
      { verb: 'setVersioning', bucket: 'first', versioning: 'enabled' },
      { verb: 'setObjectLock', bucket: 'first', objectLock: {} },
    ],
  },
] as const satisfies { step: fc.Arbitrary<Step>; first: Step[] }[]

/**
 * A bucket to begin with, then up to 40 steps. In a third of the sequences there are no versions: then appends and
 * renames go. Else many of the steps are about the versions of few keys, or about how they are locked.
 */
export const steps: fc.Arbitrary<Step[]> = fc
  .constantFrom(...themes)
  .chain(({ step: of, first }) =>
    fc
      .array<Step>(of, { maxLength: 40, size: 'max' })
      .map((rest): Step[] => [{ verb: 'createBucket', bucket: 'first' }, ...first, ...rest]),
  )
