import { randomInt } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Disk, nodeDisk } from '@aquifer/engine/stores'
import { CommandFailure } from './failure.js'

export interface RootCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Where a person finds them again. */
  readonly origin: { from: 'environment' } | { from: 'file'; path: string; isNew: boolean }
}

const FILE_NAME = 'root-credentials'
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/**
 * The root key pair: the given one, or the one in the data directory, made on the first start. The file is
 * in the form of an AWS shared credentials file, so that clients can be pointed at it.
 * To be called by the directory's owner alone: two processes would make two pairs.
 *
 * @throws {@link CommandFailure} `credentials`.
 */
export async function rootCredentials(
  directory: string,
  given: GivenPair,
  disk: Disk = nodeDisk,
): Promise<RootCredentials> {
  const found = await findRootCredentials(directory, given)
  if (found !== undefined) return found
  const path = join(directory, FILE_NAME)
  const made = { accessKeyId: `AQ${random(upper, 18)}`, secretAccessKey: random(alphanumeric, 40) }
  await writeDurably(disk, directory, path, format(made))
  return { ...made, origin: { from: 'file', path, isNew: true } }
}

interface GivenPair {
  readonly accessKeyId: string | undefined
  readonly secretAccessKey: string | undefined
}

/**
 * The same, making none: for who only looks.
 *
 * @throws {@link CommandFailure} `credentials`.
 */
export async function findRootCredentials(
  directory: string,
  given: GivenPair,
): Promise<RootCredentials | undefined> {
  const { accessKeyId, secretAccessKey } = given
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    return { accessKeyId, secretAccessKey, origin: { from: 'environment' } }
  }
  if (accessKeyId !== undefined || secretAccessKey !== undefined) {
    throw new CommandFailure(
      'credentials',
      'Only one of AQUIFER_ROOT_ACCESS_KEY and AQUIFER_ROOT_SECRET_KEY is set.',
      'Set both, or neither to use the pair in the data directory.',
    )
  }
  const path = join(directory, FILE_NAME)
  const text = await findPrivateFile(path)
  if (text === undefined) return undefined
  return { ...parse(text, path), origin: { from: 'file', path, isNew: false } }
}

const random = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')

async function findPrivateFile(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, 'r')
    const { mode } = await file.stat()
    // Windows has no such bits: every file shows as readable by all.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new CommandFailure(
        'credentials',
        `${path} can be read by other users of this machine (mode ${(mode & 0o777).toString(8)}).`,
        'Run "chmod 600" on it; if others may have read it, remove it to have a new pair made.',
      )
    }
    return await file.readFile('utf8')
  } catch (error) {
    if (error instanceof CommandFailure) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CommandFailure(
      'credentials',
      `${path} cannot be read: ${(error as Error).message}.`,
      'Let this user read it, or set AQUIFER_ROOT_ACCESS_KEY and AQUIFER_ROOT_SECRET_KEY.',
      { cause: error },
    )
  }
}

type KeyPair = Pick<RootCredentials, 'accessKeyId' | 'secretAccessKey'>

const format = ({ accessKeyId, secretAccessKey }: KeyPair): string => `\
# The root key pair of this store. AWS_SHARED_CREDENTIALS_FILE may name this file.
[default]
aws_access_key_id = ${accessKeyId}
aws_secret_access_key = ${secretAccessKey}
`

function parse(text: string, path: string): KeyPair {
  const accessKeyId = /^aws_access_key_id\s*=\s*(\S+)\s*$/m.exec(text)?.[1]
  const secretAccessKey = /^aws_secret_access_key\s*=\s*(\S+)\s*$/m.exec(text)?.[1]
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new CommandFailure(
      'credentials',
      `${path} holds no key pair.`,
      'Put aws_access_key_id and aws_secret_access_key back, or remove the file to have a new pair made.',
    )
  }
  return { accessKeyId, secretAccessKey }
}

/** A crash at any step leaves no file, or the whole file, under its name: a key pair once shown stays valid. */
async function writeDurably(disk: Disk, directory: string, path: string, text: string): Promise<void> {
  const unfinished = `${path}.unfinished`
  await rm(unfinished, { force: true })
  const file = await disk.open(unfinished, 'create')
  try {
    await file.write(new TextEncoder().encode(text), 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.rename(unfinished, path)
  await disk.syncDirectory(directory)
}
