import { corruptBlob, EngineError, storageUnavailable } from '../../errors.js'
import type { BlobId } from '../blobs.js'

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | undefined)?.code

/** A blob is nothing until a commit names it, so a failed write is certainly absent. */
export function writeFailure(id: BlobId, error: unknown): EngineError {
  if (error instanceof EngineError) return error
  const code = codeOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new EngineError('StorageFull', 'The disk has no space left for the blob.', {}, { cause: error })
  }
  return storageUnavailable('absent', `Blob ${id} could not be written: ${code ?? error}.`, error)
}

/** EIO is how a disk says that these bytes are lost; other failures are of the machine, not of the blob. */
export function readFailure(id: BlobId, error: unknown, offset?: number): Error {
  if (error instanceof EngineError) return error
  const code = codeOf(error)
  if (code === 'ENOENT') return corruptBlob(id, 'its file is missing', offset, error)
  if (code === 'EIO') return corruptBlob(id, 'the disk cannot read it', offset, error)
  return storageUnavailable('absent', `Blob ${id} could not be read: ${code ?? error}.`, error)
}
