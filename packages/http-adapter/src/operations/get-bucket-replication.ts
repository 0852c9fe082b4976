import type { Operation } from '../operation.js'
import { getReplicationConfiguration } from '../replication/get-replication-configuration.js'
import { replicationDocument } from '../replication/write-replication.js'

export const getBucketReplication: Operation = async (call) => ({
  status: 200,
  body: replicationDocument(await getReplicationConfiguration(call)),
})
