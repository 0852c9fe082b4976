import type { Bucket } from '../../contract/bucket.js'
import type { Engine } from '../../engine.js'
import { type EngineError, isEngineError } from '../../errors.js'
import type { Violation } from '../violation.js'
import type { History } from './history.js'
import {
  bucketName,
  isNameless,
  namelessUpload,
  objectName,
  partName,
  partsNamed,
  partsOfObjectName,
  uploadName,
} from './names.js'
import { readValue } from './read-value.js'
import type { Value } from './register.js'

/**
 * Holds all that an engine shows, every byte read, against what was asked of it and answered. Nothing else may be
 * under way. What is found becomes a fact of the history.
 */
export async function compareWithHistory(engine: Engine, history: History): Promise<Violation[]> {
  const violations: Violation[] = history.takeViolations()
  const settle = (name: string, value: Value) => {
    if (value !== undefined) found.add(name)
    const wrong = history.settle(name, value)
    if (wrong !== undefined) violations.push(wrong)
  }
  const found = new Set<string>()
  for await (const entry of engine.listBuckets()) {
    if (entry.type !== 'bucket') continue
    settle(bucketName(entry.info.name), 'live')
    const bucket = engine.bucket(entry.info.name)
    violations.push(...(await compareObjects(bucket, history, settle)))
    await compareUploads(bucket, history, settle)
  }
  for (const name of history.names()) {
    // The parts of an upload that has gone are nobody's business; those of the others were found.
    // Nor is an upload lost whose name nobody was left to be told.
    if (found.has(name) || name.startsWith('part ') || isNameless(name)) continue
    // What no list shows must not be there when it is asked for by name: then the list was short.
    const value = name.startsWith('object ') ? await readObject(engine, name, history) : undefined
    if (value !== undefined) {
      violations.push({ rule: 'short-listing', what: `${name} is there and not listed` })
      found.add(name)
    }
    const wrong = history.settle(name, value)
    if (wrong !== undefined) violations.push(wrong)
  }
  history.keepOnly(found)
  return violations
}

async function compareObjects(
  bucket: Bucket,
  history: History,
  settle: (name: string, value: Value) => void,
): Promise<Violation[]> {
  const violations: Violation[] = []
  for await (const entry of bucket.list()) {
    if (entry.type !== 'object') continue
    const { key, etag } = entry.info
    const name = objectName(bucket.name, key)
    let value: Value = etag
    try {
      value = await readValue(bucket, key, history)
    } catch (error) {
      if (!isDamage(error)) throw error
      violations.push({ rule: 'unreadable', what: `${name}: ${error.message}` })
    }
    if (value !== etag)
      violations.push({ rule: 'torn', what: `${name} is listed as ${etag} and read as ${value}` })
    settle(name, etag)
  }
  return violations
}

async function compareUploads(
  bucket: Bucket,
  history: History,
  settle: (name: string, value: Value) => void,
): Promise<void> {
  for await (const entry of bucket.listUploads()) {
    if (entry.type !== 'upload') continue
    const { key, uploadId } = entry.info
    const name = uploadName(bucket.name, key, uploadId)
    const nameless = namelessUpload(bucket.name, key)
    // One that was never told its name may have been begun all the same.
    if (!history.knows(name) && history.mayHold(nameless, 'open')) history.settle(name, 'open')
    settle(name, 'open')
    const parts = new Map<string, string>()
    for await (const part of bucket.upload(key, uploadId).parts())
      parts.set(partName(bucket.name, key, uploadId, part.partNumber), part.etag)
    for (const known of history.names())
      if (known.startsWith(partsNamed(bucket.name, key, uploadId)) && !parts.has(known))
        settle(known, undefined)
    for (const [part, etag] of parts) settle(part, etag)
  }
}

function readObject(engine: Engine, name: string, history: History): Promise<Value> {
  const { bucket, key } = partsOfObjectName(name)
  return readValue(engine.bucket(bucket), key, history)
}

const isDamage = (error: unknown): error is EngineError =>
  isEngineError(error, 'CorruptBlob') || isEngineError(error, 'CorruptRecord')
