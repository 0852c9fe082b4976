import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { isEngineError } from '@aquifer/engine'
import { CommandFailure } from './failure.js'

/**
 * What is there must be a directory that we may write. What is not there is the engine's to make, or to miss.
 *
 * @throws {@link CommandFailure} `directory`, or the disk's own error.
 */
export async function checkUsable(directory: string): Promise<void> {
  const found = await stat(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (found === undefined) return
  if (!found.isDirectory()) throw notADirectory(directory)
  await access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
}

const notADirectory = (directory: string, because?: ErrorOptions): CommandFailure =>
  new CommandFailure(
    'directory',
    `${directory} is not a directory.`,
    'Name a directory, or a path that does not exist yet.',
    because,
  )

const noSpace = (directory: string, because: ErrorOptions): CommandFailure =>
  new CommandFailure(
    'directory',
    `There is no space left on the disk of ${directory}.`,
    'Free some space: opening a store writes a little.',
    because,
  )

/** What a person can do about it, where we know; else the error itself. */
export function explainStoreFailure(error: unknown, directory: string): unknown {
  if (error instanceof CommandFailure) return error
  const because = { cause: error }
  if (isEngineError(error, 'EngineLocked')) {
    return new CommandFailure(
      'directory',
      error.message,
      'Stop that process first, or name another directory: one process owns a data directory.',
      because,
    )
  }
  if (isEngineError(error, 'FormatTooNew')) {
    return new CommandFailure('directory', error.message, 'Run the newer Aquifer that wrote it.', because)
  }
  if (isEngineError(error, 'NoSuchStore')) {
    const remedy = 'Name the directory that "aquifer serve" was given.'
    return new CommandFailure('directory', error.message, remedy, because)
  }
  if (isEngineError(error, 'StoreDamaged')) {
    return new CommandFailure(
      'damaged',
      error.message,
      'Copy the directory first. Then restore a backup, or keep what can be read: "aquifer rebuild-index --accept-loss".',
      because,
    )
  }
  if (isEngineError(error, 'StorageUnavailable')) {
    const remedy = 'See what the system says of the disk, then try again.'
    return new CommandFailure('directory', error.message, remedy, because)
  }
  if (isEngineError(error, 'StorageFull')) return noSpace(directory, because)
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new CommandFailure(
        'directory',
        `The data directory ${directory} cannot be written.`,
        'Give this user the right to write it, or name another directory.',
        because,
      )
    case 'EEXIST':
    case 'ENOTDIR':
      return notADirectory(directory, because)
    case 'ENOENT':
      return new CommandFailure(
        'directory',
        `${directory} cannot be made there.`,
        'Name a directory on a disk, where files can be kept.',
        because,
      )
    case 'ENOSPC':
      return noSpace(directory, because)
    default:
      return error
  }
}
