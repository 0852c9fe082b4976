import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { SealingKeySource } from '@aquifer/engine'
import { type Disk, nodeDisk } from '@aquifer/engine/stores'
import { CommandFailure } from './failure.js'
import { findPrivateFile, writePrivateFile } from './private-file.js'

const FILE_NAME = 'sealing-key'
/** The next key, written before the store is sealed under it, so that no crash leaves the store without its key. */
const NEXT_FILE_NAME = 'sealing-key.next'
export const KEY_FILE_NAMES: readonly string[] = [FILE_NAME, NEXT_FILE_NAME]

/**
 * The key under which the secrets of access keys are sealed: the given one, or the one in the data directory, made on
 * the first start.
 *
 * @param given Text as {@link parseSealingKey} reads it.
 * @throws {@link CommandFailure} `credentials`, when the engine asks for it.
 */
export function sealingKeySource(
  directory: string,
  given: Uint8Array | undefined,
  disk: Disk = nodeDisk,
): SealingKeySource {
  return async (fits) => {
    if (given !== undefined) {
      if (fits(given)) return given
      throw wrong('AQUIFER_SEALING_KEY')
    }
    const path = join(directory, FILE_NAME)
    const key = await readKey(path)
    if (key !== undefined && fits(key)) return key
    const nextPath = join(directory, NEXT_FILE_NAME)
    const next = await readKey(nextPath)
    if (next !== undefined && fits(next)) {
      // A change of the key was interrupted when the store already had the next one.
      await putNextKeyInPlace(disk, directory)
      return next
    }
    if (key !== undefined) throw wrong(path)
    const made = randomBytes(32)
    if (!fits(made)) throw missing(path)
    await writePrivateFile(disk, directory, path, format(made))
    return made
  }
}

/** Writes down the key that the store is about to be sealed under. It is not yet the store's. */
export async function prepareNextKey(directory: string, disk: Disk = nodeDisk): Promise<Uint8Array> {
  const next = randomBytes(32)
  await writePrivateFile(disk, directory, join(directory, NEXT_FILE_NAME), format(next))
  return next
}

/** The store is sealed under the next key. */
export async function putNextKeyInPlace(disk: Disk, directory: string): Promise<void> {
  await disk.rename(join(directory, NEXT_FILE_NAME), join(directory, FILE_NAME))
  await disk.syncDirectory(directory)
}

/** 32 bytes, as 64 hexadecimal digits or in Base64; undefined for anything else. */
export function parseSealingKey(text: string): Uint8Array | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex')
  const bytes = Buffer.from(text, 'base64')
  return bytes.byteLength === 32 && bytes.toString('base64') === text ? bytes : undefined
}

const format = (key: Uint8Array): string => `\
# Secrets of access keys are sealed under this. Lost, they are lost. Keep it apart from backups of this directory.
${Buffer.from(key).toString('base64')}
`

async function readKey(path: string): Promise<Uint8Array | undefined> {
  const text = await findPrivateFile(path, {
    whenSeen: 'change the key by "aquifer key reseal"',
    instead: 'AQUIFER_SEALING_KEY',
  })
  if (text === undefined) return undefined
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const key = lines.length === 1 ? parseSealingKey(lines[0]!.trim()) : undefined
  if (key !== undefined) return key
  throw new CommandFailure(
    'credentials',
    `${path} holds no sealing key.`,
    'Put the file back as it was. Without the key, the secrets of access keys cannot be read.',
  )
}

const wrong = (from: string): CommandFailure =>
  new CommandFailure(
    'credentials',
    `${from} is not the key that the secrets in this store are sealed under.`,
    'Give the key that was used before. To change it, see "aquifer key reseal --help".',
  )

const missing = (path: string): CommandFailure =>
  new CommandFailure(
    'credentials',
    `The secrets in this store are sealed, and ${path}, which opens them, is not there.`,
    'Put the file back, or set AQUIFER_SEALING_KEY. If it is lost for good: "aquifer key discard --help".',
  )
