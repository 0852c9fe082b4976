// A second pair of eyes: what a client stored is read back by another, and what it reads another stored.
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'

const concurrency = 16

export function openWitness({ url, region, accessKeyId, secretAccessKey }) {
  const s3 = new S3Client({
    endpoint: url,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  })
  const witness = {
    close: () => s3.destroy(),
    createBucket: (bucket) => s3.send(new CreateBucketCommand({ Bucket: bucket })),
    put: (bucket, key, bytes) => s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes })),
    head: (bucket, key) => s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key })),
    async get(bucket, key) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
      return Buffer.from(await Body.transformToByteArray())
    },
    /** How many parts the bucket's unfinished uploads have. */
    async partsUnderWay(bucket) {
      const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
      let count = 0
      for (const { Key, UploadId } of Uploads)
        count += (await s3.send(new ListPartsCommand({ Bucket: bucket, Key, UploadId }))).Parts?.length ?? 0
      return count
    },
    async list(bucket, prefix = '') {
      const keys = []
      for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix }))
        for (const { Key } of page.Contents ?? []) keys.push(Key)
      return keys
    },
    putMany: (bucket, keys, bytesOf) => forEach(keys, (key) => witness.put(bucket, key, bytesOf(key))),
    getMany: (bucket, keys, check) =>
      forEach(keys, async (key) => check(key, await witness.get(bucket, key))),
  }
  return witness
}

async function forEach(items, work) {
  const waiting = items.values()
  const workers = Array.from({ length: concurrency }, async () => {
    for (const item of waiting) await work(item)
  })
  await Promise.all(workers)
}
