import type { Attributes, ByteRange, ListOptions } from '@aquifer/engine'
import fc from 'fast-check'
import type { Source, Step } from './step.js'

export const bucket = fc.oneof(
  { weight: 12, arbitrary: fc.constant('first') },
  { weight: 2, arbitrary: fc.constantFrom('second', 'third') },
)
// Few keys, so that steps meet; chosen for what is hard to list: prefixes of each other, neighbours of the
// delimiter, and characters whose UTF-8 and UTF-16 orders differ.
const keys = ['a', 'a/', 'a/b', 'a/b/c', 'a/b/d', 'a/c', 'a0', 'a//', 'b', 'b/\uffff', 'b/😀', '😀', '\uffff']
export const key = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'a/b', 'b') },
  { weight: 2, arbitrary: fc.constantFrom(...keys) },
)
export const at = fc.record({ bucket, key }, { noNullPrototype: true })
export const versioning = fc.constantFrom('enabled' as const, 'enabled' as const, 'suspended' as const)
export const version = fc.constantFrom(0, 1, 2, 'null' as const, 'null' as const, 'unknown' as const)
export const source: fc.Arbitrary<Source> = fc.oneof(
  { weight: 2, arbitrary: at },
  { weight: 1, arbitrary: fc.record({ bucket, key, version }, { noNullPrototype: true }) },
)
const condition = fc.constantFrom('current' as const, 'other' as const, 'any' as const)
export const conditions = fc.oneof(
  { weight: 15, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ ifMatch: condition }) },
  { weight: 1, arbitrary: fc.record({ ifNoneMatch: condition }) },
  { weight: 1, arbitrary: fc.record({ ifMatch: condition, ifNoneMatch: condition }) },
)
export const bytes = fc.record({
  seed: fc.nat(250),
  // Around the bound of inline bodies (16) and of parts (8), and a few hundred.
  sizeBytes: fc.constantFrom(0, 1, 7, 8, 16, 17, 30, 64, 100, 300),
  as: fc.constantFrom('whole' as const, 'pieces' as const, 'blob' as const),
})
export const readAs = fc.constantFrom('bytes' as const, 'body' as const, 'web' as const)
export const claim = fc.oneof(
  { weight: 4, arbitrary: fc.constant('nothing' as const) },
  { weight: 2, arbitrary: fc.constant('right' as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('wrong md5' as const, 'wrong size' as const, 'wrong checksum' as const),
  },
)
export const checksum = fc.constantFrom(
  {},
  {},
  { checksumAlgorithm: 'crc32' as const },
  { checksumAlgorithm: 'crc32' as const, checksumType: 'full-object' as const },
  { checksumAlgorithm: 'crc64nvme' as const },
  { checksumAlgorithm: 'sha256' as const },
)
const word = fc.constantFrom('', 'x', 'text/plain', 'ä 😀', 'max-age=60')
export const tags = fc.dictionary(
  fc.constantFrom('a', 'b', '__proto__', '!'),
  fc.constantFrom('', 'x', 'ä'),
  {
    noNullPrototype: true,
    maxKeys: 2,
  },
)
export const attributes: fc.Arbitrary<Attributes> = fc.oneof(
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
export const range: fc.Arbitrary<ByteRange | undefined> = fc.option(
  fc.oneof(
    fc.record({ offset: count }),
    fc.record({ offset: count, length: count }),
    fc.record({ suffix: count }),
  ),
  { nil: undefined },
)
const text = fc.oneof(key, fc.constantFrom('', 'a/b/', 'b/', 'a/b', '/', 'zz', '\u0001'))
export const listing: fc.Arbitrary<ListOptions> = fc.record(
  {
    prefix: text,
    delimiter: fc.constantFrom('/', '', 'b', '/b', '😀'),
    startAfter: text,
    limit: fc.constantFrom(0, 1, 1, 2, 3, 1_000),
  },
  { requiredKeys: [], noNullPrototype: true },
)
export const upload = fc.nat(3)
export const partNumber = fc.constantFrom(1, 2, 3, 4, 7, 10_000)

type FanOut = Extract<Step, { verb: 'fanOut' }>
export function fanOutTo(targets: fc.Arbitrary<FanOut['targets']>): fc.Arbitrary<FanOut> {
  const verb = fc.constant('fanOut' as const)
  return fc.record({ verb, bucket, bytes, claim, targets, atomic: fc.boolean() })
}
