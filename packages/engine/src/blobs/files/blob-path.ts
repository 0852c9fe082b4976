import { join } from 'node:path'
import type { BlobId } from '../blobs.js'

const DIRECTORY = /^[0-9a-f]{2}$/
const FILE = /^[0-9a-f]{14}$/

/**
 * 256 subdirectories keep each one short. They are chosen by the byte above the lowest, so that the ids of one
 * run of 256, which are written about the same time, share a directory and so its syncs.
 */
export const blobDirectory = (root: string, id: BlobId): string =>
  join(root, (Math.floor(id / 256) % 256).toString(16).padStart(2, '0'))

export const blobPath = (root: string, id: BlobId): string =>
  join(blobDirectory(root, id), id.toString(16).padStart(14, '0'))

export const isBlobDirectory = (name: string): boolean => DIRECTORY.test(name)

/** Undefined where the name is not one of ours. */
export function findBlobId(name: string): BlobId | undefined {
  if (!FILE.test(name)) return undefined
  const id = Number.parseInt(name, 16)
  return Number.isSafeInteger(id) && id > 0 ? id : undefined
}
