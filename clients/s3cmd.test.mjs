import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram, run, unless } from './harness/programs.mjs'
import { testClient } from './scenarios.mjs'

const s3cmd = findProgram('s3cmd')

testClient({
  name: 's3cmd',
  skip: unless(s3cmd, 's3cmd'),
  cannot: {
    presignGet: 's3cmd presigns by signature version 2 alone',
    presignPut: 's3cmd does not presign PUT',
  },
  async connect({ url, region, accessKeyId, secretAccessKey, folder }) {
    const { host } = new URL(url)
    const config = join(folder, 's3cmd.conf')
    const settings = {
      access_key: accessKeyId,
      secret_key: secretAccessKey,
      bucket_location: region,
      host_base: host,
      host_bucket: host,
      use_https: 'False',
      multipart_chunk_size_mb: '5',
      max_retries: '0',
      progress_meter: 'False',
    }
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
    await writeFile(config, `[default]\n${lines.join('\n')}\n`)
    const s3 = (...args) => run(s3cmd, ['--config', config, ...args])
    return {
      put: (bucket, key, path) => s3('put', path, `s3://${bucket}/${key}`),
      get: (bucket, key, path) => s3('get', '--force', `s3://${bucket}/${key}`, path),
      copy: (bucket, from, to) => s3('cp', `s3://${bucket}/${from}`, `s3://${bucket}/${to}`),
      deleteAll: (bucket, prefix) => s3('del', '--recursive', '--force', `s3://${bucket}/${prefix}`),
      async list(bucket, prefix) {
        const output = await s3('ls', '--recursive', `s3://${bucket}/${prefix}`)
        const root = `s3://${bucket}/`
        return output
          .split('\n')
          .filter((line) => line.includes(root))
          .map((line) => line.slice(line.indexOf(root) + root.length))
      },
    }
  },
})
