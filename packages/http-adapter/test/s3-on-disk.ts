import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createNodeServer,
  createS3Handler,
  type RequestRecord,
  type S3HandlerOptions,
} from '@aquifer/http-adapter'
import { openEngine } from './open-engine.js'
import { listening } from './raw-client.js'

/** A server over a directory that has one bucket, and the record of each request as it ends. */
export async function serveDirectory(options: Omit<S3HandlerOptions, 'log'>) {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-serving-'))
  const engine = await openEngine({ directory, background: false })
  await engine.createBucket('bucket')
  const records: RequestRecord[] = []
  let wake = (): void => {}
  const log = (record: RequestRecord): void => {
    records.push(record)
    wake()
  }
  const handler = createS3Handler(engine, { ...options, log })
  const server = await listening(createNodeServer(handler))
  const findBlobs = async (): Promise<string[]> => {
    const found = await readdir(join(directory, 'blobs'), { recursive: true, withFileTypes: true })
    return found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  }
  return {
    engine,
    handler,
    server,
    findBlobs,
    blobFiles: async (): Promise<number> => (await findBlobs()).length,
    async nextRecord(): Promise<RequestRecord> {
      if (records.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      return records.shift()!
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await server[Symbol.asyncDispose]()
      await engine.close()
      await rm(directory, { recursive: true })
    },
  }
}
