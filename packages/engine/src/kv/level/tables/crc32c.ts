import { createCRC32 } from 'hash-wasm'

const CASTAGNOLI = 0x82f63b78
const hasher = await createCRC32(CASTAGNOLI)

/**
 * Whether LevelDB's checksum of these bytes is this one. It stores them rotated and shifted, lest a checksum of
 * checksums be weak.
 */
export function hasChecksum(bytes: Uint8Array, masked: number): boolean {
  const rotated = (masked - 0xa282ead8) >>> 0
  const checksum = ((rotated >>> 17) | (rotated << 15)) >>> 0
  return Number.parseInt(hasher.init().update(bytes).digest('hex'), 16) === checksum
}
