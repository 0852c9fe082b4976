import { crc32 } from 'node:zlib'
import {
  type Authenticated,
  type Authenticator,
  type AuthSettings,
  type Credentials,
  createAuthenticator,
  S3Error,
} from '@aquifer/http-adapter'
import type { Signer } from '../signing-client.js'

export interface Message {
  readonly method: string
  readonly rawUrl: string
  readonly headers: readonly (readonly [string, string])[]
  readonly frames: readonly Uint8Array[]
  readonly remoteAddress?: string
}

/** The pair that AWS's published examples are signed with. */
export const EXAMPLE: Signer = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}

export const EXAMPLE_TIME = Date.UTC(2013, 4, 24)

export function authenticatorAt(
  now: number,
  settings: Partial<AuthSettings> = {},
  temporary: Partial<Credentials> = {},
): Authenticator {
  return createAuthenticator({
    now: () => now,
    credentials: {
      findCredentials: (accessKeyId) =>
        accessKeyId === EXAMPLE.accessKeyId
          ? { secretAccessKey: EXAMPLE.secretAccessKey, ownerId: 'owner', displayName: 'Owner', ...temporary }
          : undefined,
    },
    ...settings,
  })
}

export const authenticate = (authenticator: Authenticator, message: Message): Promise<Authenticated> =>
  authenticator({
    method: message.method,
    rawUrl: message.rawUrl,
    rawHeaders: message.headers,
    body: inPieces(message.frames),
    secure: false,
    signal: new AbortController().signal,
    ...(message.remoteAddress === undefined ? {} : { remoteAddress: message.remoteAddress }),
  })

/**
 * Authenticates, reads the body to its end and compares the checksum sent with it, as a write does before it commits.
 */
export async function read(
  authenticator: Authenticator,
  message: Message,
): Promise<{ bytes: Buffer; trailers: Readonly<Record<string, string>> | undefined }> {
  const { payload, headers } = await authenticate(authenticator, message)
  const opened = payload.open()
  const chunks: Uint8Array[] = []
  for await (const chunk of opened.body) chunks.push(Buffer.from(chunk))
  const bytes = Buffer.concat(chunks)
  const trailers = await opened.trailers
  const name = 'x-amz-checksum-crc32'
  const checksum = headers.get(name) ?? trailers?.[name]
  if (checksum !== undefined && Buffer.from(checksum, 'base64').readUInt32BE() !== crc32(bytes))
    throw new S3Error('BadDigest', 'The CRC32 you specified did not match the calculated checksum.')
  return { bytes, trailers }
}

/** The code that refuses, or `'accepted'`. */
export async function outcome(authenticator: Authenticator, message: Message): Promise<string> {
  try {
    await read(authenticator, message)
    return 'accepted'
  } catch (error) {
    if (error instanceof S3Error) return error.code
    throw error
  }
}

export async function refusal(authenticator: Authenticator, message: Message): Promise<S3Error> {
  try {
    await read(authenticator, message)
  } catch (error) {
    if (error instanceof S3Error) return error
    throw error
  }
  throw new Error('It was accepted.')
}

/** In one buffer that is overwritten at each step: whoever keeps a borrowed chunk reads rubbish. */
async function* inPieces(frames: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const frame of frames) {
    const lent = Buffer.from(frame)
    yield lent
    lent.fill(0xee)
  }
}

export const withHeader = (message: Message, name: string, value: string | undefined): Message => ({
  ...message,
  headers: [
    ...message.headers.filter(([other]) => other !== name),
    ...(value === undefined ? [] : [[name, value] as const]),
  ],
})
