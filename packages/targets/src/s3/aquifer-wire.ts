import { ReplicationError } from '@aquifer/engine'
import { escapeUri } from '../signing/sign-request.js'
import { changeHeaders, replicaHeaders, replicationRequest } from './replica-headers.js'
import { isMissing, type TargetBucket } from './target-bucket.js'
import { lockHeaders, taggingHeaders, versionHeaders } from './version-headers.js'
import type { Wire } from './wire.js'

/** 412: it was removed there, for good. */
const WAS_REMOVED = 412

/** Among Aquifers, versions keep their ids, times and ETags, whatever order they arrive in. */
export function aquiferWire(bucket: TargetBucket): Wire {
  return {
    keepsVersionIds: true,
    doneBy: [WAS_REMOVED],
    async writing(version) {
      const headers = {
        ...versionHeaders(version),
        ...taggingHeaders(version.tags, escapeAscii),
        ...lockHeaders(version),
        ...replicaHeaders(version),
        // For one that is there already.
        ...bypass,
      }
      return { query: { versionId: version.versionId }, headers }
    },
    carried({ versionId }, { status, headers, told }) {
      if (status === WAS_REMOVED || headers.get('x-amz-version-id') === versionId) return {}
      bucket.forget()
      throw new ReplicationError(
        'InvalidBucketState',
        `${told}, and does not say that it kept the version's id: it is not the Aquifer that it was.`,
      )
    },
    async merge(version, signal) {
      const { key, versionId, tags, changed } = version
      const { bucket: name } = bucket.connection.remote
      await bucket.ask({
        ...{ method: 'PUT', key, query: { versionId }, signal },
        headers: {
          ...replicationRequest,
          'x-amz-copy-source': `${copySourceOf(name, key)}?versionId=${versionId}`,
          'x-amz-metadata-directive': 'REPLACE',
          'x-amz-tagging-directive': 'REPLACE',
          ...bypass,
          ...taggingHeaders(tags, escapeAscii),
          ...lockHeaders(version),
          ...changeHeaders(changed),
        },
      })
    },
    async putDeleteMarker({ key, versionId, lastModified }, signal) {
      await bucket.ask(
        {
          ...{ method: 'DELETE', key, query: { versionId }, signal },
          headers: {
            ...replicationRequest,
            'x-minio-source-deletemarker': 'true',
            'x-minio-source-mtime': lastModified.toISOString(),
          },
        },
        [WAS_REMOVED],
      )
      return {}
    },
    async remove({ key, versionId, changed = {} }, signal) {
      const answer = await bucket.ask(
        {
          ...{ method: 'DELETE', key, query: { versionId }, signal },
          headers: { ...replicationRequest, ...changeHeaders(changed), ...bypass },
        },
        [404],
      )
      if (answer.status === 404 && !isMissing(answer)) throw await bucket.refusal(answer, signal)
    },
  }
}

/** Who changed it had the right to weaken a retention of governance, where that is what was done. */
const bypass = { 'x-amz-bypass-governance-retention': 'true' }

/** Ten long tags in a script of its own fit into a request's headers only as the UTF-8 that they are, which Aquifers read. */
const escapeAscii = (text: string): string =>
  Buffer.from(text.replace(/[\0-\x7f]+/g, escapeUri), 'utf8').toString('latin1')

const copySourceOf = (bucket: string, key: string): string =>
  `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`
