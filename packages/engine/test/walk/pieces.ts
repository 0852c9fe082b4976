/**
 * Bytes that say what they are: wherever a piece turns up, in an object or a part, whole or behind others, it can be
 * told which it is, how long it is and whether every byte of it is right.
 */
export interface Piece {
  readonly id: number
  readonly sizeBytes: number
}

const HEADER_BYTES = 18
/** A stamp says which piece it belongs to and where in it. */
const STRIDE = 512
const STAMP_BYTES = 12
const CHUNK_BYTES = 1024 * 1024

export const pieceMinBytes = HEADER_BYTES

/** Fills a buffer with a stretch of a piece; it begins at a stride. */
function fill(into: Buffer, { id, sizeBytes }: Piece, at: number): void {
  into.fill(id & 0xff)
  for (let offset = 0; offset + HEADER_BYTES <= into.byteLength; offset += STRIDE) {
    into.writeUIntBE(id, offset, 6)
    into.writeUIntBE(at + offset, offset + 6, 6)
  }
  if (at === 0) into.writeUIntBE(sizeBytes, STAMP_BYTES, 6)
}

export async function* bytesOf(piece: Piece): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < piece.sizeBytes; at += CHUNK_BYTES) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, piece.sizeBytes - at))
    fill(chunk, piece, at)
    yield chunk
  }
}

/** The pieces that a stream of bytes is made of. @throws Error where the bytes are no whole pieces. */
export async function piecesIn(bytes: AsyncIterable<Uint8Array>): Promise<Piece[]> {
  const pieces: Piece[] = []
  let rest: Buffer = Buffer.alloc(0)
  let at = 0
  let current: Piece | undefined
  for await (const chunk of bytes) {
    rest = rest.byteLength === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
    for (;;) {
      if (current === undefined) {
        if (rest.byteLength < HEADER_BYTES) break
        current = { id: rest.readUIntBE(0, 6), sizeBytes: rest.readUIntBE(STAMP_BYTES, 6) }
        pieces.push(current)
        at = 0
      }
      const left = current.sizeBytes - at
      // Whole strides, or all that is left of the piece.
      const length = rest.byteLength >= left ? left : rest.byteLength - (rest.byteLength % STRIDE)
      if (length === 0) break
      const expected = Buffer.allocUnsafe(length)
      fill(expected, current, at)
      if (!rest.subarray(0, length).equals(expected))
        throw new Error(`piece ${current.id} has other bytes from ${at} on`)
      rest = rest.subarray(length)
      at += length
      if (at === current.sizeBytes) current = undefined
    }
  }
  if (current !== undefined || rest.byteLength > 0) throw new Error('the bytes end within a piece')
  return pieces
}
