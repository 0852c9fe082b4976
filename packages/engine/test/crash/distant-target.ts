import type { ConnectReplicationTarget, Engine } from '@aquifer/engine'

const never = (): Promise<never> => Promise.reject(new Error('Nothing is carried over here.'))

/** What there is to be reached answers that it could take everything, and is given nothing. */
export const connectInVain: ConnectReplicationTarget = () => ({
  probe: async () => ({ keepsVersionIds: true, versioning: 'enabled', objectLock: true }),
  ...{ put: never, merge: never, putDeleteMarker: never, remove: never },
})

export const SEALING_KEY = new Uint8Array(32).fill(7)

/**
 * Has everything in a bucket that keeps versions carried over to where nothing ever arrives: all that it takes is that every change
 * is written down and waits.
 */
export async function setDistantTarget(engine: Engine, bucket: string): Promise<void> {
  const { arn } = await engine.replication.addTarget(bucket, {
    ...{
      endpoint: 'http://127.0.0.1:9',
      bucket: 'copies',
      accessKeyId: 'nobody',
      secretAccessKey: 'nothing',
    },
  })
  const rule = {
    status: 'enabled',
    priority: 1,
    deleteMarkers: 'enabled',
    versionDeletes: 'enabled',
  } as const
  await engine.bucket(bucket).setConfiguration('replication', { rules: [{ ...rule, destination: { arn } }] })
}
