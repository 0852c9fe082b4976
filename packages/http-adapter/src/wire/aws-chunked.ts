import { createHash } from 'node:crypto'
import { limits } from '../limits.js'
import { S3Error } from '../s3-error.js'
import { ByteReader } from './byte-reader.js'
import { readTrailerSection, type Trailers } from './trailer-section.js'

/** Knows what each signature of the chain must be. Each call refuses a wrong one by throwing. */
export interface ChunkSignatures {
  checkChunk(sha256Hex: string, signature: string): void
  /** @param text `name:value\n` of each trailer. */
  checkTrailer(text: string, signature: string): void
}

export interface AwsChunkedOptions {
  /** `x-amz-decoded-content-length`: neither a byte more nor less. */
  readonly decodedBytes: number
  /** Absent: chunk signatures, if any, mean nothing. */
  readonly signatures?: ChunkSignatures
  /** Whether the chain ends with a signature over the trailers. */
  readonly trailerSigned?: boolean
  /** The one trailer announced, in lower case. */
  readonly trailerName?: string
}

/**
 * Takes S3's chunk framing off a body. Bytes come out as they came in, mostly without being copied; the bytes of a
 * signed chunk only after its signature was verified, unless the chunk is longer than `signedChunkHeldBytes`: then
 * they flow, and a wrong signature ends the stream before it is complete.
 *
 * @returns The trailers, when the last byte was read and everything was in order.
 * @throws {@link S3Error} `IncompleteBody` for faulty framing or a wrong length, `InvalidChunkSizeError`,
 * `SignatureDoesNotMatch`, `MalformedTrailerError`, `InvalidRequest`.
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Uint8Array>,
  options: AwsChunkedOptions,
): AsyncGenerator<Uint8Array, Trailers, undefined> {
  const { decodedBytes, signatures } = options
  await using reader = new ByteReader(source)
  let receivedBytes = 0
  let small: { chunk: number; sizeBytes: number } | undefined
  for (let chunk = 1; ; chunk++) {
    const { sizeBytes, signature } = readChunkHeader(await readLine(reader), signatures !== undefined)
    if (sizeBytes === 0) {
      if (receivedBytes !== decodedBytes) throw wrongLength(decodedBytes, receivedBytes)
      signatures?.checkChunk(EMPTY_SHA256, signature)
      break
    }
    if (small !== undefined) throw chunkTooSmall(small)
    if (sizeBytes < limits.chunkMinBytes) small = { chunk, sizeBytes }
    // Compared before anything is read or allocated: no size that a client makes up costs more than it announced.
    receivedBytes += sizeBytes
    if (receivedBytes > decodedBytes) throw wrongLength(decodedBytes, receivedBytes)
    yield* signatures === undefined
      ? readPlainChunk(reader, sizeBytes)
      : readSignedChunk(reader, sizeBytes, (digest) => signatures.checkChunk(digest, signature))
  }
  const section = await reader.rest(limits.trailerMaxBytes)
  if (section === undefined) throw incompleteBody('the trailer is too long')
  return readTrailerSection(section, options)
}

const EMPTY_SHA256 = createHash('sha256').digest('hex')

async function readLine(reader: ByteReader): Promise<string> {
  const line = await reader.line(limits.chunkHeaderMaxBytes)
  if (line === undefined || !line.endsWith('\r')) throw incompleteBody('a chunk header is missing its end')
  return line.slice(0, -1)
}

/** `hex-size[;chunk-signature=64hex]`; other extensions mean nothing to S3. */
function readChunkHeader(line: string, signed: boolean): { sizeBytes: number; signature: string } {
  const [size, ...extensions] = line.split(';')
  if (!/^[0-9a-fA-F]{1,16}$/.test(size!)) throw incompleteBody('a chunk size is not a hexadecimal number')
  const prefix = 'chunk-signature='
  const given = extensions.find((extension) => extension.startsWith(prefix))
  if (signed && given === undefined) throw incompleteBody('a chunk is not signed')
  return { sizeBytes: Number.parseInt(size!, 16), signature: given?.slice(prefix.length) ?? '' }
}

async function* readPlainChunk(reader: ByteReader, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let left = sizeBytes; left > 0; ) {
    const piece = await readSome(reader, left)
    left -= piece.byteLength
    yield piece
  }
  await readChunkEnd(reader)
}

async function* readSignedChunk(
  reader: ByteReader,
  sizeBytes: number,
  check: (sha256Hex: string) => void,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  if (sizeBytes <= limits.signedChunkHeldBytes) {
    // Taken together with its end: what the reader gave out before is lost when it reads on.
    const framed = await reader.exactly(sizeBytes + 2)
    if (framed === undefined) throw endedEarly()
    checkChunkEnd(framed.subarray(sizeBytes))
    const bytes = framed.subarray(0, sizeBytes)
    check(hash.update(bytes).digest('hex'))
    yield bytes
    return
  }
  for (let left = sizeBytes; left > 0; ) {
    const piece = await readSome(reader, left)
    hash.update(piece)
    left -= piece.byteLength
    // The chunk's last piece waits for the signature too, so that an end is never seen before it is verified.
    if (left === 0) {
      const last = Buffer.from(piece)
      await readChunkEnd(reader)
      check(hash.digest('hex'))
      yield last
    } else {
      yield piece
    }
  }
}

async function readSome(reader: ByteReader, maximumBytes: number): Promise<Uint8Array> {
  const piece = await reader.some(maximumBytes)
  if (piece === undefined) throw endedEarly()
  return piece
}

async function readChunkEnd(reader: ByteReader): Promise<void> {
  const end = await reader.exactly(2)
  if (end === undefined) throw endedEarly()
  checkChunkEnd(end)
}

function checkChunkEnd(end: Uint8Array): void {
  if (end[0] !== 0x0d || end[1] !== 0x0a) throw incompleteBody('a chunk does not end where its size says')
}

const incompleteBody = (what: string): S3Error =>
  new S3Error('IncompleteBody', `The request body terminated unexpectedly: ${what}.`)

const endedEarly = (): S3Error => incompleteBody('it ended inside a chunk')

const wrongLength = (decodedBytes: number, receivedBytes: number): S3Error =>
  new S3Error(
    'IncompleteBody',
    `You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header: ${decodedBytes} were announced, the chunks add up to ${receivedBytes}${receivedBytes > decodedBytes ? ' or more' : ''}.`,
  )

const chunkTooSmall = ({ chunk, sizeBytes }: { chunk: number; sizeBytes: number }): S3Error =>
  new S3Error(
    'InvalidChunkSizeError',
    `Only the last chunk is allowed to have a size less than ${limits.chunkMinBytes} bytes`,
    { Chunk: String(chunk), BadChunkSize: String(sizeBytes) },
  )
