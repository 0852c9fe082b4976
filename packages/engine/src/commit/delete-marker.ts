import type { ObjectRecord } from '../catalog/records/object-record.js'

/** The version that hides the others. */
export const deleteMarker = (recordId: Uint8Array, nowMs: number): ObjectRecord => ({
  recordId,
  isDeleteMarker: true,
  shared: false,
  etag: '',
  sizeBytes: 0,
  lastModifiedMs: nowMs,
  headers: {},
  metadata: {},
  tags: {},
  checksums: {},
  body: { kind: 'inline', sizeBytes: 0 },
})
