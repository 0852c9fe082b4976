import type { Sealed } from './access-key-record.js'
import { readHead, writeHead } from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/** A bucket somewhere that one of ours may be carried over to. */
export interface ReplicationTargetRecord {
  readonly arn: string
  /** Of the bucket here: 16 bytes, and its name. */
  readonly sourceBucketId: Uint8Array
  readonly sourceBucket: string
  readonly endpoint: string
  readonly bucket: string
  readonly region: string
  readonly addressing: 'path' | 'virtual-host'
  readonly accessKeyId: string
  readonly sealedSecret: Sealed
  readonly keepsVersionIds: boolean
  /** Bytes a second; 0: no limit. */
  readonly bandwidthLimit: number
  readonly concurrency: number
}

const KEEPS_VERSION_IDS = 1
const VIRTUAL_HOST = 2
const KNOWN_FLAGS = 3

export function encodeReplicationTarget(record: ReplicationTargetRecord): Uint8Array {
  const row = new RowWriter(256)
  writeHead(
    row,
    (record.keepsVersionIds ? KEEPS_VERSION_IDS : 0) |
      (record.addressing === 'virtual-host' ? VIRTUAL_HOST : 0),
  )
  row.id(record.sourceBucketId)
  row.varint(record.bandwidthLimit)
  row.varint(record.concurrency)
  row.prefixedText(record.arn)
  row.prefixedText(record.sourceBucket)
  row.prefixedText(record.endpoint)
  row.prefixedText(record.bucket)
  row.prefixedText(record.region)
  row.prefixedText(record.accessKeyId)
  row.varint(record.sealedSecret.generation)
  row.bytes(record.sealedSecret.bytes)
  return row.finish()
}

export function decodeReplicationTarget(value: Uint8Array, label?: string): ReplicationTargetRecord {
  const row = new RowReader(value, label)
  const flags = readHead(row, KNOWN_FLAGS)
  return {
    sourceBucketId: row.id(),
    bandwidthLimit: row.varint(),
    concurrency: row.varint(),
    arn: row.prefixedText(),
    sourceBucket: row.prefixedText(),
    endpoint: row.prefixedText(),
    bucket: row.prefixedText(),
    region: row.prefixedText(),
    accessKeyId: row.prefixedText(),
    sealedSecret: { generation: row.varint(), bytes: row.rest() },
    keepsVersionIds: (flags & KEEPS_VERSION_IDS) !== 0,
    addressing: (flags & VIRTUAL_HOST) === 0 ? 'path' : 'virtual-host',
  }
}
