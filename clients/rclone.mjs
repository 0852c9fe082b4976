// rclone with settings of its own, by the environment alone.
import { join } from 'node:path'
import { run } from './harness/programs.mjs'

/** @returns a function that runs rclone with some arguments and resolves to its standard output; the remote is `here:` */
export function connectRclone(rclone, { url, region, accessKeyId, secretAccessKey, folder }) {
  const env = {
    RCLONE_CONFIG: join(folder, 'rclone.conf'),
    RCLONE_CONFIG_HERE_TYPE: 's3',
    RCLONE_CONFIG_HERE_PROVIDER: 'Other',
    RCLONE_CONFIG_HERE_ENDPOINT: url,
    RCLONE_CONFIG_HERE_REGION: region,
    RCLONE_CONFIG_HERE_ACCESS_KEY_ID: accessKeyId,
    RCLONE_CONFIG_HERE_SECRET_ACCESS_KEY: secretAccessKey,
    RCLONE_S3_UPLOAD_CUTOFF: '5M',
    RCLONE_S3_CHUNK_SIZE: '5M',
    RCLONE_S3_COPY_CUTOFF: '10M',
    // rclone refuses to start when a machine names certificates of its own here.
    AWS_CA_BUNDLE: '',
    RCLONE_RETRIES: '1',
    RCLONE_LOW_LEVEL_RETRIES: '1',
  }
  return (...args) => run(rclone, args, { env })
}
