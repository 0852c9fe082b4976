import type { Operation } from '../operation.js'
import { getReplicationConfiguration } from '../replication/get-replication-configuration.js'
import { S3Error } from '../s3-error.js'

/** An extension of MinIO's: calls each target, and tells the first that has something wrong with it. */
export const checkReplication: Operation = async (call) => {
  await getReplicationConfiguration(call)
  const checked = await call.engine.replication.check(call.target.bucket, { signal: call.signal })
  const wrong = checked.find(({ error }) => error !== undefined)
  if (wrong === undefined) return { status: 200 }
  throw new S3Error('InvalidRequest', `${wrong.arn}: ${wrong.error}`, { Target: wrong.arn })
}
