import { stageBody } from '../../bodies/stage.js'
import { getUpload, type UploadTarget } from '../../catalog/find.js'
import { toPart } from '../../catalog/object-info.js'
import { changePart } from '../../commit/part-change.js'
import type { ChecksumAlgorithm, Checksums, Integrity } from '../../contract/integrity.js'
import type { Part } from '../../contract/multipart.js'
import type { EtagKind } from '../../contract/object.js'
import type { ByteSource, Cancel } from '../../contract/source.js'
import { opaqueEtag, plainEtag } from '../../rules/etag.js'
import { partChecksums } from '../../rules/multipart-checksum.js'
import { checkPartNumber } from '../../rules/part-number.js'
import { toAsyncIterable } from '../../streams/byte-source.js'
import type { Works } from '../../works.js'

export async function putPart(
  works: Works,
  target: UploadTarget,
  partNumber: number,
  source: ByteSource,
  options: Integrity & EtagKind & Cancel,
): Promise<Part> {
  // From the first moment: a stream that fails while nobody listens would end the process. Refused, it is closed.
  using bytes = source instanceof Uint8Array ? undefined : toAsyncIterable(source, options.signal)
  checkPartNumber(partNumber)
  const { record: upload } = await getUpload(works.kv, target)
  const { also } = partChecksums(upload, options.checksums ?? {})
  // A part's bytes go to a blob whatever their number: its completion then names them where they lie.
  await using staged = await stageBody(works, bytes ?? source, {
    ...options,
    checksumAlgorithm: also[0]!,
    also,
    inlineMaxBytes: 0,
  })
  const recordId = works.ids.next()
  const body = staged.toBody()
  const record = await changePart(works, target, partNumber, [staged], (_draft, _upload, nowMs) => ({
    recordId,
    etag: staged.md5 === undefined ? opaqueEtag(recordId) : plainEtag(staged.md5),
    sizeBytes: staged.sizeBytes,
    lastModifiedMs: nowMs,
    checksums: only(staged.checksums, also),
    body,
  }))
  const part = toPart(partNumber, record)
  // What the writer vouched for has been verified and is told; what is kept is what the object's is made of.
  const given = Object.keys(options.checksums ?? {}) as ChecksumAlgorithm[]
  return given.length === 0 ? part : { ...part, checksums: only(staged.checksums, given) }
}

const only = (checksums: Checksums, algorithms: readonly ChecksumAlgorithm[]): Checksums =>
  Object.fromEntries(algorithms.map((algorithm) => [algorithm, checksums[algorithm]]))
