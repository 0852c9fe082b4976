import fc from 'fast-check'
import type { Conditions, Step } from './step.js'
import {
  at,
  attributes,
  bucket,
  bytes,
  checksum,
  claim,
  conditions,
  fanOutTo,
  key,
  listing,
  partNumber,
  range,
  readAs,
  source,
  tags,
  upload,
  version,
} from './step-values.js'

/** All that can be done, over few keys of few buckets. */
export const plainStep: fc.Arbitrary<Step> = fc.oneof(
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
