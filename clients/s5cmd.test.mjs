import { findProgram, run, unless } from './harness/programs.mjs'
import { testClient } from './scenarios.mjs'

const s5cmd = findProgram('s5cmd')

testClient({
  name: 's5cmd',
  skip: unless(s5cmd, 's5cmd'),
  cannot: { presignPut: 's5cmd presigns GET alone' },
  async connect({ url, region, accessKeyId, secretAccessKey }) {
    const env = {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: region,
      S3_ENDPOINT_URL: url,
    }
    const s5 = (...args) => run(s5cmd, ['--retry-count', '0', ...args], { env })
    const partMiB = ['--part-size', '5']
    return {
      // --raw: the key is a key, not a pattern.
      put: (bucket, key, path) => s5('cp', '--raw', ...partMiB, path, `s3://${bucket}/${key}`),
      get: (bucket, key, path) => s5('cp', '--raw', ...partMiB, `s3://${bucket}/${key}`, path),
      copy: (bucket, from, to) => s5('cp', '--raw', `s3://${bucket}/${from}`, `s3://${bucket}/${to}`),
      deleteAll: (bucket, prefix) => s5('rm', `s3://${bucket}/${prefix}*`),
      async list(bucket, prefix) {
        const lines = (await s5('--json', 'ls', `s3://${bucket}/${prefix}*`)).trim().split('\n')
        return lines.map((line) => JSON.parse(line).key.slice(`s3://${bucket}/`.length))
      },
      presignGet: async (bucket, key) => (await s5('presign', `s3://${bucket}/${key}`)).trim(),
    }
  },
})
