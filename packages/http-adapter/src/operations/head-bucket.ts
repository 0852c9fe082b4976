import type { Operation } from '../operation.js'

export const headBucket: Operation = async ({ engine, target, settings, signal }) => {
  const { name, instanceId } = await engine.bucket(target.bucket).info({ signal })
  return {
    status: 200,
    headers: {
      'x-amz-bucket-region': settings.region,
      'x-amz-bucket-arn': `arn:aws:s3:::${name}`,
      'x-amz-access-point-alias': 'false',
      // To another store that replicates to here; see wire/replica.ts and put-replicas.ts.
      ...(settings.profile !== 'express' && {
        'x-aquifer-keeps-version-ids': 'true',
        'x-aquifer-takes-replicas': 'true',
        ...(instanceId !== undefined && { 'x-aquifer-bucket-id': instanceId }),
      }),
    },
  }
}
