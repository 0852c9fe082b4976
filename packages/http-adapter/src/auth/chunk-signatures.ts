import { hash } from 'node:crypto'
import type { ChunkSignatures } from '../wire/aws-chunked.js'
import { sameSignature, signatureMismatch } from './signature.js'
import { sign } from './signing-keys.js'

export interface SigningContext {
  readonly accessKeyId: string
  readonly key: Buffer
  readonly timestamp: string
  readonly scope: string
  /** The request's own signature: the first link of the chain. */
  readonly seed: string
}

const EMPTY_SHA256 = hash('sha256', '', 'hex')

/** The chain of §"Signature calculations for chunked uploads": each signature covers the one before it. */
export function chainSignatures(context: SigningContext): ChunkSignatures {
  const { accessKeyId, key, timestamp, scope } = context
  let former = context.seed
  const check = (text: string, given: string): void => {
    const expected = sign(key, text)
    if (!sameSignature(expected, given)) throw signatureMismatch(accessKeyId, text, given)
    former = expected
  }
  return {
    checkChunk(sha256Hex, signature) {
      check(
        `AWS4-HMAC-SHA256-PAYLOAD\n${timestamp}\n${scope}\n${former}\n${EMPTY_SHA256}\n${sha256Hex}`,
        signature,
      )
    },
    checkTrailer(text, signature) {
      const digest = hash('sha256', Buffer.from(text, 'latin1'), 'hex')
      check(`AWS4-HMAC-SHA256-TRAILER\n${timestamp}\n${scope}\n${former}\n${digest}`, signature)
    },
  }
}
