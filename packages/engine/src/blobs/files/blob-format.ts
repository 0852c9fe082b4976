/**
 * The layout of a blob file, as pure functions. All numbers are little-endian.
 *
 *     file    = payload trailer footer
 *     payload = the blob's bytes, from offset 0
 *     trailer = for each block of 64 KiB of the payload (the last may be shorter): its xxh64, 8 bytes
 *     footer  = magic (8) version (u32) block size (u32) blob id (u64) payload length (u64)
 *               zeros (24) xxh64 of the 56 bytes before (8)
 *
 * Every checksum is seeded with the blob id, so that a block with its checksum cannot stand for one of another
 * blob. The trailer needs no checksum of its own: a damaged entry fails the block that it vouches for, and
 * a short range need not read the whole trailer.
 */
import type { BlobId } from '../blobs.js'

export const BLOCK_BYTES = 64 * 1024
export const CHECKSUM_BYTES = 8
export const FOOTER_BYTES = 64

const MAGIC = new TextEncoder().encode('AQFRBLOB')
const VERSION = 1
const FOOTER_CHECKSUM_AT = FOOTER_BYTES - CHECKSUM_BYTES

/** xxh64 of the bytes under a seed. */
export type Checksum = (bytes: Uint8Array, seed: bigint) => bigint

export interface BlobLayout {
  readonly payloadBytes: number
  readonly blockCount: number
}

export const blockCountOf = (payloadBytes: number): number => Math.ceil(payloadBytes / BLOCK_BYTES)

export const trailerEntryAt = (layout: BlobLayout, block: number): number =>
  layout.payloadBytes + block * CHECKSUM_BYTES

const fileBytesOf = (payloadBytes: number): number =>
  payloadBytes + blockCountOf(payloadBytes) * CHECKSUM_BYTES + FOOTER_BYTES

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export function encodeFooter(id: BlobId, payloadBytes: number, checksum: Checksum): Uint8Array {
  const footer = new Uint8Array(FOOTER_BYTES)
  const view = viewOf(footer)
  footer.set(MAGIC)
  view.setUint32(8, VERSION, true)
  view.setUint32(12, BLOCK_BYTES, true)
  view.setBigUint64(16, BigInt(id), true)
  view.setBigUint64(24, BigInt(payloadBytes), true)
  const vouched = checksum(footer.subarray(0, FOOTER_CHECKSUM_AT), BigInt(id))
  view.setBigUint64(FOOTER_CHECKSUM_AT, vouched, true)
  return footer
}

/** The layout that a footer promises for a file of this size, or what is wrong with it. */
export function decodeFooter(
  footer: Uint8Array,
  id: BlobId,
  fileBytes: number,
  checksum: Checksum,
): BlobLayout | { readonly wrong: string } {
  if (footer.byteLength < FOOTER_BYTES) return { wrong: 'its file is too short to hold a footer' }
  const view = viewOf(footer)
  const vouched = checksum(footer.subarray(0, FOOTER_CHECKSUM_AT), BigInt(id))
  if (view.getBigUint64(FOOTER_CHECKSUM_AT, true) !== vouched) {
    return { wrong: 'its footer fails the checksum: the file was cut, damaged, or is another blob' }
  }
  if (!MAGIC.every((byte, at) => footer[at] === byte)) return { wrong: 'its footer is not one of a blob' }
  const version = view.getUint32(8, true)
  if (version !== VERSION) return { wrong: `its format ${version} is not one this version reads` }
  const blockBytes = view.getUint32(12, true)
  if (blockBytes !== BLOCK_BYTES)
    return { wrong: `its block size ${blockBytes} is not one this version reads` }
  const payloadBytes = Number(view.getBigUint64(24, true))
  if (view.getBigUint64(16, true) !== BigInt(id) || fileBytesOf(payloadBytes) !== fileBytes) {
    return { wrong: `its file has ${fileBytes} bytes where its footer promises ${fileBytesOf(payloadBytes)}` }
  }
  return { payloadBytes, blockCount: blockCountOf(payloadBytes) }
}
