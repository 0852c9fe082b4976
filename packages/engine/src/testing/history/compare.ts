import type { Bucket } from '../../contract/bucket.js'
import type { Engine } from '../../engine.js'
import { type EngineError, isEngineError } from '../../errors.js'
import type { Violation } from '../violation.js'
import type { History } from './history.js'
import {
  bucketIn,
  bucketName,
  isNameless,
  keyIn,
  MARKER,
  namelessUploadsOf,
  objectName,
  partName,
  partsNamed,
  uploadName,
  versionName,
} from './names.js'
import { readValue } from './read-value.js'
import type { Value } from './register.js'

/** Takes note of what was found, and judges it unless it is explained already. */
type Find = (name: string, value: Value, how?: { isExplained?: boolean }) => void

/**
 * Holds all that an engine shows, every byte read, against what was asked of it and answered. Nothing else may be
 * under way. What is found becomes a fact of the history.
 */
export async function compareWithHistory(engine: Engine, history: History): Promise<Violation[]> {
  const violations: Violation[] = history.takeViolations()
  const facts = new Map<string, string>()
  const find: Find = (name, value, { isExplained = false } = {}) => {
    if (value !== undefined) facts.set(name, value)
    if (isExplained) return
    const wrong = history.judge(name, value)
    if (wrong !== undefined) violations.push(wrong)
  }
  for await (const entry of engine.listBuckets()) {
    if (entry.type !== 'bucket') continue
    find(bucketName(entry.info.name), 'live')
    const bucket = engine.bucket(entry.info.name)
    violations.push(...(await compareObjects(bucket, history, find)))
    await compareVersions(bucket, history, find)
    await compareUploads(bucket, history, find)
  }
  for (const name of history.names()) {
    // The parts of an upload that has gone are nobody's business; those of the others were found.
    if (facts.has(name) || name.startsWith('part ')) continue
    // Nor is an upload lost whose name nobody was left to be told, or whose bucket has gone.
    if (name.startsWith('upload ') && (isNameless(name) || !facts.has(bucketName(bucketIn(name))))) continue
    if (name.startsWith('version ') && !facts.has(bucketName(bucketIn(name)))) continue
    // What no list shows must not be there when it is asked for by name: then the list was short.
    const value = name.startsWith('object ') ? await readObject(engine, name, history) : undefined
    if (value !== undefined)
      violations.push({ rule: 'short-listing', what: `${name} is there and not listed` })
    find(name, value)
  }
  history.settle(facts)
  return violations
}

async function compareObjects(bucket: Bucket, history: History, find: Find): Promise<Violation[]> {
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
    find(name, etag)
  }
  return violations
}

async function compareVersions(bucket: Bucket, history: History, find: Find): Promise<void> {
  if ((await bucket.getConfiguration('versioning')) === undefined) return
  for await (const entry of bucket.listVersions()) {
    if (entry.type !== 'version') continue
    const { key, versionId, etag, isDeleteMarker } = entry.info
    const name = versionName(bucket.name, key, versionId)
    const object = objectName(bucket.name, key)
    // The null version is always in one place, so that a write without an answer may have changed it. Any other was
    // made once; if its writer was never told its name, what was asked of the object explains it.
    const isExplained =
      versionId === 'null'
        ? history.mayHold(object, isDeleteMarker ? undefined : etag)
        : !history.knows(name) && (isDeleteMarker || history.everHeld(object, etag))
    find(name, isDeleteMarker ? MARKER : etag, { isExplained })
  }
}

async function compareUploads(bucket: Bucket, history: History, find: Find): Promise<void> {
  for await (const entry of bucket.listUploads()) {
    if (entry.type !== 'upload') continue
    const { key, uploadId } = entry.info
    const name = uploadName(bucket.name, key, uploadId)
    // One that was never told its name may have been begun all the same.
    const isExplained = !history.knows(name) && mayHaveBegunOne(history, namelessUploadsOf(bucket.name, key))
    find(name, 'open', { isExplained })
    const parts = new Map<string, string>()
    for await (const part of bucket.upload(key, uploadId).parts())
      parts.set(partName(bucket.name, key, uploadId, part.partNumber), part.etag)
    for (const known of history.names())
      if (known.startsWith(partsNamed(bucket.name, key, uploadId)) && !parts.has(known))
        find(known, undefined)
    for (const [part, etag] of parts) find(part, etag)
  }
}

const mayHaveBegunOne = (history: History, prefix: string): boolean =>
  history.names().some((known) => known.startsWith(prefix) && history.mayHold(known, 'open'))

function readObject(engine: Engine, name: string, history: History): Promise<Value> {
  return readValue(engine.bucket(bucketIn(name)), keyIn(name), history)
}

const isDamage = (error: unknown): error is EngineError =>
  isEngineError(error, 'CorruptBlob') || isEngineError(error, 'CorruptRecord')
