import assert from 'node:assert/strict'
import { isEngineError, type LifecycleRule } from '@aquifer/engine'
import { S3Error } from '@aquifer/http-adapter'
import fc from 'fast-check'
import { lifecycleRoots, readLifecycle } from '../dist/lifecycle/read-lifecycle.js'
import { lifecycleDocument } from '../dist/lifecycle/write-lifecycle.js'
import { parseXml } from '../dist/wire/xml-in.js'
import { fuzz, mutated, wordSalad } from './fuzz.js'

const document = `<?xml version="1.0" encoding="UTF-8"?>
<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule><ID>größe</ID><Status>Enabled</Status>
<Filter><And><Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan>
<ObjectSizeLessThan>900</ObjectSizeLessThan></And></Filter><Expiration><Days>3</Days>
<ExpiredObjectAllVersions>true</ExpiredObjectAllVersions></Expiration></Rule>
<Rule><Prefix>b</Prefix><Status>Disabled</Status><Expiration><Date>2026-05-01T00:00:00.000Z</Date></Expiration>
<DelMarkerExpiration><Days>9</Days></DelMarkerExpiration><NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays>
<NewerNoncurrentVersions>4</NewerNoncurrentVersions></NoncurrentVersionExpiration><AbortIncompleteMultipartUpload>
<DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>`
const words = Array.from(document.matchAll(/<[^>]*>|[^<]+/g), ([word]) => word)

/** Undefined: it was refused properly. */
function read(text: string): LifecycleRule[] | undefined {
  try {
    return readLifecycle(parseXml(Buffer.from(text), lifecycleRoots), { abort: true })
  } catch (error) {
    if (error instanceof S3Error || isEngineError(error)) return undefined
    throw error
  }
}

/** What is read is written, and read again as the same. */
function exercise(text: string): void {
  const rules = read(text)
  if (rules === undefined) return
  const readable = rules.every(({ expiration = { days: 1 } }) => Object.keys(expiration).length > 0)
  if (!readable) return // An expiration that says nothing is the engine's to refuse.
  const again = read(lifecycleDocument({ rules }))
  assert.equal(again?.length, rules.length)
}

fuzz('lifecycle rules are read or refused, whatever was done to them', mutated(document), exercise)
fuzz('any text is lifecycle rules or refused', fc.oneof(wordSalad(words), fc.string()), exercise)
