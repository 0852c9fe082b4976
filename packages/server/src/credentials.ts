import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { type Disk, nodeDisk } from '@aquifer/engine/stores'
import { CommandFailure } from './failure.js'
import { findPrivateFile, writePrivateFile } from './private-file.js'

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
  // A key pair once shown stays valid.
  await writePrivateFile(disk, directory, path, format(made))
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
  const text = await findPrivateFile(path, {
    whenSeen: 'remove it to have a new pair made',
    instead: 'AQUIFER_ROOT_ACCESS_KEY and AQUIFER_ROOT_SECRET_KEY',
  })
  if (text === undefined) return undefined
  return { ...parse(text, path), origin: { from: 'file', path, isNew: false } }
}

const random = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')

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
