import { join } from 'node:path'
import { findProgram, run, unless } from './harness/programs.mjs'
import { testClient } from './scenarios.mjs'

const rclone = findProgram('rclone')

testClient({
  name: 'rclone',
  skip: unless(rclone, 'rclone'),
  cannot: {
    presignPut: 'rclone presigns GET alone',
    'a//b': 'rclone cleans paths: it stores a/b',
    '.': 'rclone takes it for the folder',
    '..': 'rclone takes it for the folder above',
  },
  async connect({ url, region, accessKeyId, secretAccessKey, folder }) {
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
    const here = (...args) => run(rclone, args, { env })
    return {
      put: (bucket, key, path) => here('copyto', path, `here:${bucket}/${key}`),
      get: (bucket, key, path) => here('copyto', `here:${bucket}/${key}`, path),
      copy: (bucket, from, to) => here('copyto', `here:${bucket}/${from}`, `here:${bucket}/${to}`),
      deleteAll: (bucket, prefix) => here('delete', `here:${bucket}/${prefix}`),
      async list(bucket, prefix) {
        const output = await here('lsf', '--recursive', '--files-only', `here:${bucket}/${prefix}`)
        return output
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => prefix + line)
      },
      presignGet: async (bucket, key) =>
        (await here('link', '--expire', '10m', `here:${bucket}/${key}`)).trim(),
    }
  },
})
