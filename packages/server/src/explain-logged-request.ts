import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { explainSignature, formatExplanation } from '@aquifer/http-adapter'
import { findRootCredentials } from './credentials.js'
import { CommandFailure } from './failure.js'
import { readLoggedRequest } from './logged-request.js'
import type { ExplainSettings } from './settings/explain-settings.js'
import { signatureSettings } from './signature-settings.js'

/** Only the head is needed, yet a debug log may be long. */
const inputMaxBytes = 16 * 1024 ** 2

/**
 * What is to be told about a request out of a file or from standard input.
 *
 * @throws {@link CommandFailure} `usage`, `credentials`.
 */
export async function explainLoggedRequest(
  settings: ExplainSettings,
  stdin: AsyncIterable<Uint8Array>,
): Promise<string> {
  const text = await (settings.request === undefined ? readBounded(stdin) : readFile(settings.request))
  const request = readLoggedRequest(text.toString('latin1'))
  const claimed =
    settings.canonicalRequest === undefined ? undefined : await readFile(settings.canonicalRequest)
  const { accessKeyId, secretAccessKey } = await existingCredentials(settings)
  const received = settings.received ?? request.answeredAt ?? new Date()
  const explanation = await explainSignature(
    { ...request, remoteAddress: settings.remoteAddress },
    {
      credentials: {
        findCredentials: (asked) =>
          asked === accessKeyId ? { secretAccessKey, ownerId: 'root', displayName: 'root' } : undefined,
      },
      ...signatureSettings(settings),
      // Whatever profile the server has: what it does not take it says itself.
      services: ['s3', 's3express'],
      now: () => received.getTime(),
    },
    claimed === undefined ? undefined : canonicalRequestIn(claimed.toString('utf8')),
  )
  const time = `${received.toISOString().slice(0, 19)}Z`
  const since = settings.received ? 'as told' : request.answeredAt ? 'by the Date of the answer' : 'now'
  return `Taken as received at ${time} (${since}).\n${formatExplanation(explanation)}`
}

async function existingCredentials({ directory, rootAccessKey, rootSecretKey }: ExplainSettings) {
  const path = resolve(directory)
  const given = { accessKeyId: rootAccessKey, secretAccessKey: rootSecretKey }
  const found = await findRootCredentials(path, given)
  if (found !== undefined) return found
  throw new CommandFailure(
    'credentials',
    `There is no root key pair in ${path}.`,
    'Name the data directory with --directory, or set AQUIFER_ROOT_ACCESS_KEY and AQUIFER_ROOT_SECRET_KEY.',
  )
}

/**
 * What an SDK's log says was signed, the last of many, or else all of the text. botocore's log has a line that ends
 * with its name, the text itself, then that of the string to sign, which is all there is in Signature Version 2.
 */
function canonicalRequestIn(log: string): string {
  const canonical = /CanonicalRequest:[ \r]*\n([\s\S]*?)(?=\n.*StringToSign:|$)/g
  const version2 = /StringToSign:[ \r]*\n([A-Z]+(?:\n.*){3}\n(?:x-amz-.*\n)*\/.*)/g
  const found = [canonical, version2].flatMap((form) => [...log.matchAll(form)])
  return (found.at(-1)?.[1] ?? log).trim()
}

async function readFile(path: string): Promise<Buffer> {
  try {
    return await readBounded(createReadStream(path))
  } catch (error) {
    throw new CommandFailure(
      'usage',
      `${path} cannot be read: ${(error as Error).message}.`,
      'Name a file that this user can read.',
      { cause: error },
    )
  }
}

async function readBounded(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of source) {
    chunks.push(chunk)
    sizeBytes += chunk.byteLength
    if (sizeBytes >= inputMaxBytes) break
  }
  return Buffer.concat(chunks)
}
