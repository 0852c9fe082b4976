import type { OpenedPayload, Payload } from '../auth/authenticate.js'
import type { Call } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { readIntegrity } from '../wire/integrity.js'
import type { SizeRange } from './check-form.js'

/** The file's bytes as a payload: nobody has signed them, and how many they are shows at their end. */
export class FilePayload implements Payload {
  readonly mode = 'unsigned'
  readonly #bytes: AsyncIterable<Uint8Array>
  readonly #range: SizeRange
  constructor(bytes: AsyncIterable<Uint8Array>, range: SizeRange) {
    this.#bytes = bytes
    this.#range = range
  }

  open(): OpenedPayload {
    return { body: withinRange(this.#bytes, this.#range) }
  }

  /** Nobody has said what its SHA-256 is. */
  openUnverified(): OpenedPayload {
    return this.open()
  }
}

/** How long the file is shows at its end: a form says how long all of it is, if it says that. */
export function openFile({ payload, headers }: Call) {
  const opened = payload.open()
  return { body: opened.body, integrity: readIntegrity(headers, opened, undefined) }
}

/** @throws {@link S3Error} `EntityTooLarge` as soon as it shows, `EntityTooSmall` at the end. */
async function* withinRange(
  bytes: AsyncIterable<Uint8Array>,
  { minimum, maximum }: SizeRange,
): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0
  for await (const chunk of bytes) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > maximum)
      throw new S3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
        ProposedSize: String(sizeBytes),
        MaxSizeAllowed: String(maximum),
      })
    yield chunk
  }
  if (sizeBytes < minimum)
    throw new S3Error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
      ProposedSize: String(sizeBytes),
      MinSizeAllowed: String(minimum),
    })
}
