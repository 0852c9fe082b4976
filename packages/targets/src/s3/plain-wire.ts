import { type ObjectInfo, type OutgoingVersion, ReplicationError } from '@aquifer/engine'
import { contentMd5, type S3Answer } from './s3-connection.js'
import { isGranted, isMissing, type TargetBucket } from './target-bucket.js'
import { lockHeaders, taggingHeaders, versionHeaders } from './version-headers.js'
import type { Wire } from './wire.js'
import { s3Document, textElement } from './xml.js'

/** Other servers call a version what they like: that is kept, for whatever is said of it later. */
export function plainWire(bucket: TargetBucket): Wire {
  return {
    keepsVersionIds: false,
    doneBy: [],
    async writing(version, signal) {
      const locks = lockHeaders(version, { now: new Date() })
      if (Object.keys(locks).length > 0 && !(await bucket.hasObjectLock(signal))) {
        bucket.forget()
        throw new ReplicationError(
          'InvalidBucketState',
          `The version is locked, and the ${bucket.connection.place} has no object lock.`,
        )
      }
      return { query: {}, headers: { ...versionHeaders(version), ...taggingHeaders(version.tags), ...locks } }
    },
    carried: (_, answer) => ({ targetVersionId: versionIdOf(answer) }),
    merge: (version, signal) => mergeFacts(bucket, version, signal),
    async putDeleteMarker({ key }, signal) {
      return { targetVersionId: versionIdOf(await bucket.ask({ method: 'DELETE', key, signal })) }
    },
    async remove({ key, targetVersionId: versionId }, signal) {
      if (versionId === undefined) return // It never came there.
      const query = { versionId }
      const answer = await bucket.connection.ask({ method: 'DELETE', key, query, signal })
      if (isGranted(answer) || isMissing(answer)) return
      // Few servers say that it was object lock.
      if (answer.status === 403 && (await isLocked(bucket, { key, query, signal })))
        throw new ReplicationError('Locked', `${answer.told}: it is locked.`)
      throw await bucket.refusal(answer, signal)
    },
  }
}

/** Without versions a server would lose what it had of a key with each that comes. */
function versionIdOf({ headers, told }: S3Answer): string {
  const versionId = headers.get('x-amz-version-id')
  if (versionId !== null && versionId !== 'null') return versionId
  throw new ReplicationError(
    'InvalidBucketState',
    `${told}, without the id of a version: the bucket's versioning is not enabled.`,
  )
}

async function mergeFacts(
  bucket: TargetBucket,
  { key, targetVersionId: versionId, info, tags, changed }: OutgoingVersion,
  signal: AbortSignal,
): Promise<void> {
  if (versionId === undefined)
    throw new ReplicationError('NoSuchVersion', `The ${bucket.connection.place} never took the version.`)
  const put = async (what: string, body: Uint8Array, headers = {}): Promise<void> => {
    await bucket.ask({
      ...{ method: 'PUT', key, query: { [what]: '', versionId }, body, signal },
      headers: { ...contentMd5(body), ...headers },
    })
  }
  // What keeps it goes before what describes it: a server may not like the tags.
  if (changed.legalHold !== undefined)
    await put('legal-hold', s3Document('LegalHold', textElement('Status', info.legalHold ? 'ON' : 'OFF')))
  if (changed.retention !== undefined && !hasEnded(info.retention)) {
    // Who changed it here had the right to weaken it, where that is what was done; one of compliance nobody has.
    const bypass = { 'x-amz-bypass-governance-retention': 'true' }
    await put('retention', retentionDocument(info.retention), bypass)
  }
  if (changed.tags !== undefined) await put('tagging', taggingDocument(tags))
}

/** No server takes a retention that has. */
const hasEnded = (retention: ObjectInfo['retention']): boolean =>
  retention !== undefined && retention.retainUntil <= new Date()

async function isLocked(
  { connection }: TargetBucket,
  { key, query, signal }: { key: string; query: Record<string, string>; signal: AbortSignal },
): Promise<boolean> {
  const { headers } = await connection.ask({ method: 'HEAD', key, query, signal })
  const until = Date.parse(headers.get('x-amz-object-lock-retain-until-date') ?? '')
  return headers.get('x-amz-object-lock-legal-hold') === 'ON' || until > Date.now()
}

/** An empty one takes a retention away. */
const retentionDocument = (retention: ObjectInfo['retention']): Uint8Array =>
  retention === undefined
    ? s3Document('Retention')
    : s3Document(
        'Retention',
        textElement('Mode', retention.mode.toUpperCase()),
        textElement('RetainUntilDate', retention.retainUntil.toISOString()),
      )

const taggingDocument = (tags: OutgoingVersion['tags']): Uint8Array => {
  const set = Object.entries(tags).map(
    ([name, value]) => `<Tag>${textElement('Key', name)}${textElement('Value', value)}</Tag>`,
  )
  return s3Document('Tagging', `<TagSet>${set.join('')}</TagSet>`)
}
