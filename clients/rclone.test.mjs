import { findProgram, unless } from './harness/programs.mjs'
import { connectRclone } from './rclone.mjs'
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
  async connect(place) {
    const here = connectRclone(rclone, place)
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
