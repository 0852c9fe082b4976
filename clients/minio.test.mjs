import { minioClient } from './minio-client.mjs'
import { testClient } from './scenarios.mjs'

const partSize = 5 * 1024 * 1024
const expirySeconds = 600

testClient({
  name: 'minio',
  async connect(place) {
    const client = minioClient(place, { partSize })
    const list = async (bucket, prefix) => {
      const keys = []
      for await (const { name } of client.listObjectsV2(bucket, prefix, true)) keys.push(name)
      return keys
    }
    return {
      list,
      put: (bucket, key, path) => client.fPutObject(bucket, key, path),
      get: (bucket, key, path) => client.fGetObject(bucket, key, path),
      copy: (bucket, from, to) => client.copyObject(bucket, to, `/${bucket}/${from}`),
      deleteAll: async (bucket, prefix) => client.removeObjects(bucket, await list(bucket, prefix)),
      presignGet: (bucket, key) => client.presignedGetObject(bucket, key, expirySeconds),
      presignPut: (bucket, key) => client.presignedPutObject(bucket, key, expirySeconds),
    }
  },
})
