import type { ObjectRecord } from '../catalog/records/object-record.js'
import type { Attributes } from '../contract/object.js'
import { headersOf } from '../rules/attributes.js'
import { opaqueEtag, plainEtag } from '../rules/etag.js'
import type { Works } from '../works.js'
import type { StagedBody } from './stage.js'

/** The record of an object whose bytes came in one piece. */
export function newObject(
  works: Works,
  body: StagedBody,
  attributes: Attributes,
  nowMs: number,
): ObjectRecord {
  const recordId = works.ids.next()
  return {
    recordId,
    isDeleteMarker: false,
    shared: false,
    etag: body.md5 === undefined ? opaqueEtag(recordId) : plainEtag(body.md5),
    sizeBytes: body.sizeBytes,
    lastModifiedMs: nowMs,
    headers: headersOf(attributes),
    metadata: attributes.metadata ?? {},
    tags: attributes.tags ?? {},
    ...(attributes.ownerId === undefined ? {} : { ownerId: attributes.ownerId }),
    checksums: body.checksums,
    checksumType: 'full-object',
    body: body.toBody(),
  }
}
