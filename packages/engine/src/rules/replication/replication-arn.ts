import { Buffer } from 'node:buffer'

/** `arn:minio:replication:REGION:UUID:BUCKET`: which target a rule means. */
export interface ReplicationArn {
  readonly region: string
  /** 16 bytes, of this store's own making. */
  readonly targetId: Uint8Array
  /** The target's bucket. */
  readonly bucket: string
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export function parseReplicationArn(text: string): ReplicationArn | undefined {
  const [arn, partition, service, region, id, bucket, ...more] = text.split(':')
  if (arn !== 'arn' || partition !== 'minio' || service !== 'replication' || more.length > 0) return undefined
  if (region === undefined || id === undefined || !UUID.test(id) || !bucket) return undefined
  return { region, targetId: new Uint8Array(Buffer.from(id.replaceAll('-', ''), 'hex')), bucket }
}

export function formatReplicationArn({ region, targetId, bucket }: ReplicationArn): string {
  const hex = Buffer.from(targetId).toString('hex')
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  return `arn:minio:replication:${region}:${uuid}:${bucket}`
}
