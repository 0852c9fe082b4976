import { createHash } from 'node:crypto'
import { type Carried, type OutgoingVersion, ReplicationError } from '@aquifer/engine'
import { MultipartUpload, type PartChecksum, type SentPart, UploadRefused } from './multipart-upload.js'
import { type PlannedPart, partSizeFor, partsOf, planParts } from './plan-parts.js'
import { isGranted } from './target-bucket.js'
import { formatNote, readNote, type Unfinished } from './unfinished.js'
import { findChecksum } from './version-headers.js'
import type { Transfer, Wire, Writing } from './wire.js'
import { findText } from './xml.js'

/** Under way at a time, of one version. */
const PARTS_AT_A_TIME = 3

/**
 * A version in an upload of parts. What was noted of an earlier try is gone on with; where the target may have taken the version by
 * an answer that was lost, it is asked.
 */
export async function putInParts(transfer: Transfer): Promise<Carried> {
  const { wire, version, signal } = transfer
  const note = readNote(version.unfinished)
  if (note !== undefined && 'takenAs' in note) return tellRest(transfer, { targetVersionId: note.takenAs })
  const writing = await wire.writing(version, signal)
  const said = digestOf(writing)
  const earlier = note && (await resume(transfer, note))
  if (note !== undefined && earlier === undefined) {
    const taken = await findTaken(transfer, note)
    if (taken !== undefined) return tellRest(transfer, taken)
  }
  const begun = earlier ?? (await begin(transfer, writing, said))
  if (begun === undefined) return {} // It was removed there.
  const { upload, unfinished } = begun
  try {
    const planned = planParts(version, unfinished.partSizeBytes)
    const sent = await sendParts(transfer, upload, { planned, sent: begun.sent })
    if (!wire.keepsVersionIds) await version.note(formatNote({ ...unfinished, etag: etagOf(sent) }))
    const answer = await upload.complete(sent, { signal, expected: wire.doneBy })
    const carried = wire.carried(version, answer)
    if (carried.targetVersionId !== undefined)
      await version.note(formatNote({ takenAs: carried.targetVersionId }))
    if (unfinished.said === said) return carried
    if (isGranted(answer)) return await tellRest(transfer, carried)
  } catch (error) {
    throw await giveUp(transfer, upload, error)
  }
  return beginAnew(transfer)
}

/** The upload has ended in vain, for what was said when it was begun: the version was removed there. What is said of it now may bring it back. */
async function beginAnew(transfer: Transfer): Promise<Carried> {
  const { unfinished: _ended, ...version } = transfer.version
  await version.note(undefined)
  return putInParts({ ...transfer, version })
}

/** The version has come by another way: what was sent of it so far is of no use. */
export async function abandon({ bucket, version }: Transfer): Promise<void> {
  const note = readNote(version.unfinished)
  if (note === undefined || 'takenAs' in note) return
  const { key } = version
  await new MultipartUpload(bucket, { key, uploadId: note.uploadId, checksum: undefined }).abort()
}

interface Begun {
  readonly upload: MultipartUpload
  readonly unfinished: Unfinished
  readonly sent: ReadonlyMap<number, SentPart>
}

async function resume({ bucket, version, signal, wire }: Transfer, unfinished: Unfinished) {
  const { key } = version
  const checksum = checksumOf(version, wire)
  const upload = new MultipartUpload(bucket, { key, uploadId: unfinished.uploadId, checksum })
  try {
    const sent = await upload.parts(signal)
    return sent && { upload, unfinished, sent }
  } catch (error) {
    if (!(error instanceof UploadRefused)) throw error
    // Who may not see what is there cannot go on with it.
    await upload.abort()
    return undefined
  }
}

async function begin(
  { bucket, wire, version, signal }: Transfer,
  { query, headers }: Writing,
  said: string,
): Promise<Begun | undefined> {
  const { key, info } = version
  const checksum = checksumOf(version, wire)
  const answer = await bucket.ask(
    {
      ...{ method: 'POST', key, query: { ...query, uploads: '' }, signal },
      headers: { ...headers, ...(checksum && checksumChoice(checksum)) },
    },
    wire.doneBy,
  )
  if (!isGranted(answer)) return undefined
  const uploadId = findText(answer.text, 'UploadId')
  if (!uploadId) throw new ReplicationError('Refused', `${answer.told}, without the id of an upload.`)
  const begunMs = Date.parse(answer.headers.get('date') ?? '')
  const unfinished = {
    ...{ uploadId, said, partSizeBytes: partSizeFor(info.sizeBytes) },
    ...(Number.isFinite(begunMs) && { begunMs }),
  }
  await version.note(formatNote(unfinished))
  return { upload: new MultipartUpload(bucket, { key, uploadId, checksum }), unfinished, sent: new Map() }
}

const checksumChoice = ({ algorithm, isComposite }: PartChecksum): Record<string, string> => ({
  'x-amz-checksum-algorithm': algorithm.toUpperCase(),
  'x-amz-checksum-type': isComposite ? 'COMPOSITE' : 'FULL_OBJECT',
})

/**
 * What parts and whole are vouched for by: what the upload at the source was begun with. Of parts made anew, only a CRC can be that
 * of the whole.
 */
function checksumOf(version: OutgoingVersion, wire: Wire): PartChecksum | undefined {
  const { checksums, checksumType } = version.info
  const found = findChecksum(checksums, wire)
  if (found === undefined) return undefined
  const { algorithm, value } = found
  const own = partsOf(version)
  const isPossible =
    own.length > 0
      ? own.every((part) => part.checksums[algorithm] !== undefined)
      : algorithm.startsWith('crc') && checksumType !== 'composite'
  return isPossible ? { algorithm, value, isComposite: checksumType === 'composite' } : undefined
}

/** Several at a time. The first that fails stops the others. */
async function sendParts(
  { version, signal }: Transfer,
  upload: MultipartUpload,
  { planned, sent }: { planned: readonly PlannedPart[]; sent: ReadonlyMap<number, SentPart> },
): Promise<(PlannedPart & SentPart)[]> {
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const done: (PlannedPart & SentPart)[] = []
  const left = planned.entries()
  let failure: { readonly error: unknown } | undefined
  async function lane(): Promise<void> {
    try {
      for (const [index, part] of left) {
        const { partNumber, offset, length } = part
        const before = sent.get(partNumber)
        const there = before?.sizeBytes === length ? before : undefined
        const open = () => (length === 0 ? nothing() : version.open({ offset, length }))
        done[index] = { ...part, ...(there ?? (await upload.put(part, open, either))) }
      }
    } catch (error) {
      failure ??= { error }
      stop.abort()
    }
  }
  await Promise.all(Array.from({ length: PARTS_AT_A_TIME }, lane))
  if (failure !== undefined) throw failure.error
  return done
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** That a target took a version, and the answer was lost, shows by its ETag, where it was written since the upload was begun. */
async function findTaken({ bucket, version, signal }: Transfer, { etag, begunMs }: Unfinished) {
  if (etag === undefined || begunMs === undefined) return undefined
  const answer = await bucket.connection.ask({ method: 'HEAD', key: version.key, signal })
  const targetVersionId = answer.headers.get('x-amz-version-id')
  const isIt =
    isGranted(answer) &&
    answer.headers.get('etag')?.replaceAll('"', '') === etag &&
    Date.parse(answer.headers.get('last-modified') ?? '') >= begunMs - 1_000
  return isIt && targetVersionId !== null ? { targetVersionId } : undefined
}

/** What was changed of the version since its transfer began. */
async function tellRest({ wire, version, signal }: Transfer, carried: Carried): Promise<Carried> {
  await wire.merge({ ...version, ...carried }, signal)
  return carried
}

/** What cannot be gone on with leaves nothing there. Whatever may succeed another time keeps what has been sent. */
async function giveUp({ version, signal }: Transfer, upload: MultipartUpload, error: unknown) {
  const isRefused = error instanceof UploadRefused
  const isPassing = error instanceof ReplicationError || (error as Error).name === 'AbortError'
  if (!isRefused && (isPassing || signal.aborted)) return error
  if (!isRefused || !error.isGone) await upload.abort()
  // A note that stays names an upload that is not there: then the transfer begins anew as well.
  await version.note(undefined).catch(() => {})
  return isRefused ? error.reason : error
}

const digestOf = ({ headers }: Writing): string =>
  createHash('sha256').update(JSON.stringify(headers)).digest('base64url').slice(0, 22)

/** The ETag that servers give to what such parts make. */
function etagOf(parts: readonly SentPart[]): string {
  const md5 = createHash('md5')
  for (const { etag } of parts) md5.update(Buffer.from(etag.replaceAll('"', ''), 'hex'))
  return `${md5.digest('hex')}-${parts.length}`
}
