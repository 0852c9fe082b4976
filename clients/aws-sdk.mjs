// The AWS SDK for JavaScript as the scenarios use it, whichever version its modules are of.
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

const partBytes = 5 * 1024 * 1024
const expiresIn = 600 // seconds

export const connectAwsSdk =
  ({ s3: sdk, storage, presigner }) =>
  async ({ url, region, accessKeyId, secretAccessKey }) => {
    const client = new sdk.S3Client({
      endpoint: url,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    })
    const list = async (bucket, prefix) => {
      const keys = []
      for await (const page of sdk.paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }))
        for (const { Key } of page.Contents ?? []) keys.push(Key)
      return keys
    }
    return {
      close: async () => client.destroy(),
      list,
      async put(bucket, key, path) {
        const { size } = await stat(path)
        const params = { Bucket: bucket, Key: key, Body: createReadStream(path) }
        if (size > partBytes) await new storage.Upload({ client, params, partSize: partBytes }).done()
        else await client.send(new sdk.PutObjectCommand({ ...params, ContentLength: size }))
      },
      async get(bucket, key, path) {
        const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key }))
        await pipeline(Body, createWriteStream(path))
      },
      async copy(bucket, from, to) {
        const source = `${bucket}/${encodeURIComponent(from)}`
        await client.send(new sdk.CopyObjectCommand({ Bucket: bucket, Key: to, CopySource: source }))
      },
      async deleteAll(bucket, prefix) {
        const keys = await list(bucket, prefix)
        while (keys.length > 0) {
          const Objects = keys.splice(0, 1_000).map((Key) => ({ Key }))
          const { Errors } = await client.send(
            new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
          )
          if (Errors?.length > 0) throw new Error(`not deleted: ${JSON.stringify(Errors[0])}`)
        }
      },
      presignGet: (bucket, key) =>
        presigner.getSignedUrl(client, new sdk.GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn }),
      presignPut: (bucket, key) =>
        presigner.getSignedUrl(client, new sdk.PutObjectCommand({ Bucket: bucket, Key: key }), { expiresIn }),
    }
  }
