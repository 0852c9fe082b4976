import type { ObjectInfo } from '@aquifer/engine'
import type { Operation } from '../operation.js'
import { algorithmsIn } from '../wire/checksums.js'
import { asksForMetadata, describeObjects } from '../wire/listed-metadata.js'
import { listV2, type ReadPage } from './list-v2.js'

export const listObjectsV2: Operation = (call) => listV2(call, readPage)

const readPage: ReadPage = async (call, options) => {
  const { engine, target, signal } = call
  const bucket = engine.bucket(target.bucket)
  if (!asksForMetadata(call)) return { page: await bucket.list({ ...options, summary: true, signal }).page() }
  const { entries, ...place } = await bucket.list({ ...options, signal }).page()
  const infos: ObjectInfo[] = []
  const summaries = entries.map((entry) => {
    if (entry.type === 'common-prefix') return entry
    const info = { ...entry.info, checksumAlgorithms: algorithmsIn(entry.info.checksums) }
    infos.push(info)
    return { ...entry, info }
  })
  return { page: { entries: summaries, ...place }, more: await describeObjects(call, infos) }
}
