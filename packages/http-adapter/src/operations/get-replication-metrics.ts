import type { Operation } from '../operation.js'
import { getReplicationConfiguration } from '../replication/get-replication-configuration.js'
import { metricsDocument, metricsOfNodeDocument } from '../replication/metrics-document.js'
import { jsonReply } from '../wire/json-reply.js'

/** An extension of MinIO's, in two forms: the second is asked for by `?replication-metrics=2`. */
export const getReplicationMetrics: Operation = async (call) => {
  const { engine, target, query, host, signal } = call
  await getReplicationConfiguration(call)
  const targets = await engine.replication.status({ bucket: target.bucket, signal })
  if (query.get('replication-metrics') !== '2') return jsonReply(metricsDocument(targets))
  const uptime = Math.floor(performance.now() / 1_000)
  return jsonReply(metricsOfNodeDocument(targets, { nodeName: host, uptime }))
}
