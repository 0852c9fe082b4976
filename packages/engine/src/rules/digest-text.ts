import type { ChecksumAlgorithm } from '../contract/integrity.js'
import { EngineError } from '../errors.js'

/** How many bytes a digest has. Source: S3 User Guide, "Checking object integrity". */
export const checksumBytes: Readonly<Record<ChecksumAlgorithm, number>> = {
  crc32: 4,
  crc32c: 4,
  crc64nvme: 8,
  sha1: 20,
  sha256: 32,
  sha512: 64,
  md5: 16,
  xxhash64: 8,
  xxhash3: 8,
  xxhash128: 16,
}

/** The bytes of a checksum given in base64. A name that is no algorithm is a caller's slip. */
export function parseChecksum(algorithm: ChecksumAlgorithm, value: string): Uint8Array {
  const digest = parseBase64(value, checksumBytesOf(algorithm))
  if (digest !== undefined) return digest
  throw new EngineError('InvalidChecksum', `"${value}" is no ${algorithm} checksum in base64.`, {
    algorithm,
    value,
  })
}

export function checksumBytesOf(algorithm: ChecksumAlgorithm): number {
  if (Object.hasOwn(checksumBytes, algorithm)) return checksumBytes[algorithm]
  throw new TypeError(`"${algorithm}" is no checksum algorithm.`)
}

/** Source: RFC 1864, and S3 API Reference, PutObject: an empty value is as wrong as any other. */
export function parseContentMd5(contentMd5: string): Uint8Array {
  const digest = parseBase64(contentMd5, checksumBytes.md5)
  if (digest !== undefined) return digest
  throw new EngineError('InvalidDigest', `"${contentMd5}" is no MD5 in base64.`, { contentMd5 })
}

/** The bytes of a SHA-256 given in hex, of either case. */
export function parseContentSha256(contentSha256: string): Uint8Array {
  if (/^[0-9a-fA-F]{64}$/.test(contentSha256)) return Buffer.from(contentSha256, 'hex')
  throw new EngineError('InvalidChecksum', `"${contentSha256}" is no SHA-256 in hex.`, {
    algorithm: 'sha256',
    value: contentSha256,
  })
}

/** Exactly so many bytes, in the one canonical spelling with its padding. */
function parseBase64(text: string, bytes: number): Uint8Array | undefined {
  if (typeof text !== 'string') throw new TypeError('A digest is given as text in base64.')
  const digest = Buffer.from(text, 'base64')
  return digest.byteLength === bytes && digest.toString('base64') === text ? digest : undefined
}
