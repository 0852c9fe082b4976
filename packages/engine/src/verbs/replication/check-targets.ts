import { getBucket } from '../../catalog/find.js'
import type { Cancel } from '../../contract/source.js'
import { probeTarget } from '../../replication/probe-target.js'
import type { Works } from '../../works.js'

/** Calls each target of a bucket, all at a time. */
export async function checkTargets(
  works: Works,
  bucket: string,
  { signal }: Cancel,
): Promise<{ arn: string; error?: string }[]> {
  const source = await getBucket(works.kv, bucket)
  const checks = [...works.replicationTargets.all]
    .filter(({ record }) => record.sourceBucket === bucket)
    .map(async ({ record: { arn }, connection }) => {
      try {
        await probeTarget(works, arn, connection, source, signal)
        return { arn }
      } catch (error) {
        signal?.throwIfAborted()
        return { arn, error: error instanceof Error ? error.message : String(error) }
      }
    })
  return (await Promise.all(checks)).sort((a, b) => (a.arn < b.arn ? -1 : 1))
}
