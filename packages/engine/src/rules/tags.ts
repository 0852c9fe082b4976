import type { Tags } from '../contract/object.js'
import { EngineError } from '../errors.js'
import { limits } from '../limits.js'

const ALLOWED = /^[\p{L}\p{N}\p{Z}_.:/=+\-@]*$/u

/**
 * What tags may be: how many, how long in UTF-16 units, of which characters. Names that begin with `aws:` are the
 * system's. Source: S3 User Guide, "Categorizing your storage using tags"; API Reference, PutBucketTagging.
 *
 * @throws {@link EngineError} `InvalidTag`; `BadRequest` for too many tags of a bucket.
 */
export function checkTags(tags: Tags, of: 'object' | 'bucket'): void {
  const entries = Object.entries(tags)
  const maximum = of === 'object' ? limits.objectTagsMax : limits.bucketTagsMax
  if (entries.length > maximum) throw tooMany(of, maximum)
  for (const [name, value] of entries) {
    if (name.length === 0 || name.length > limits.tagNameMaxChars || !ALLOWED.test(name))
      throw invalid('The TagKey you have provided is invalid', name, value)
    if (name.toLowerCase().startsWith('aws:'))
      throw invalid('System tags cannot be added or updated by a requester', name, value)
    if (value.length > limits.tagValueMaxChars || !ALLOWED.test(value))
      throw invalid('The TagValue you have provided is invalid', name, value)
  }
}

const invalid = (message: string, tagKey: string, tagValue: string): EngineError =>
  new EngineError('InvalidTag', message, { tagKey, tagValue })

const tooMany = (of: 'object' | 'bucket', maximum: number): EngineError =>
  of === 'object'
    ? new EngineError('InvalidTag', `Object tags cannot be greater than ${maximum}`, {})
    : new EngineError('BadRequest', `Bucket tag count cannot be greater than ${maximum}`, {})
