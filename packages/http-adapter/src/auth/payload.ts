import { createHash, hash } from 'node:crypto'
import type { AdapterRequest } from '../request.js'
import { S3Error } from '../s3-error.js'
import { decodeAwsChunked } from '../wire/aws-chunked.js'
import type { Trailers } from '../wire/trailer-section.js'
import type { OpenedPayload, Payload, PayloadMode } from './authenticate.js'
import { chainSignatures, type SigningContext } from './chunk-signatures.js'
import type { PayloadPlan } from './payload-mode.js'
import { sameSignature } from './signature.js'

export interface PayloadVouchers {
  /** What `x-amz-content-sha256` said, for a hashed payload. */
  readonly sha256?: string
  /** Present when the request is signed. */
  readonly signing?: SigningContext
}

type Received = Pick<AdapterRequest, 'body' | 'findWholeBody'>

export class VerifiedPayload implements Payload {
  readonly mode: PayloadMode
  readonly sizeBytes?: number
  readonly trailerName?: string
  readonly #received: Received
  readonly #vouchers: PayloadVouchers
  #opened = false
  constructor(plan: PayloadPlan, received: Received, vouchers: PayloadVouchers) {
    this.mode = plan.mode
    if (plan.sizeBytes !== undefined) this.sizeBytes = plan.sizeBytes
    if (plan.trailerName !== undefined) this.trailerName = plan.trailerName
    this.#received = received
    this.#vouchers = vouchers
  }

  open(): OpenedPayload {
    const { sha256, ...opened } = this.openUnverified()
    return sha256 === undefined ? opened : { ...opened, body: verifyHash(opened.body, sha256) }
  }

  openUnverified(): OpenedPayload & { readonly sha256?: string } {
    if (this.#opened) throw new TypeError('A payload can be opened once.')
    this.#opened = true
    const size = this.sizeBytes === undefined ? {} : { sizeBytes: this.sizeBytes }
    return { ...size, ...openBody(this, this.#received.body, this.#vouchers) }
  }

  takeWhole(): Uint8Array | undefined {
    const { mode, sizeBytes } = this
    if (this.#opened || sizeBytes === undefined || (mode !== 'unsigned' && mode !== 'hashed'))
      return undefined
    const bytes = this.#received.findWholeBody?.(sizeBytes)
    if (bytes === undefined) return undefined
    this.#opened = true
    if (mode === 'hashed') checkHash(hash('sha256', bytes, 'hex'), this.#vouchers.sha256!)
    return bytes
  }
}

function openBody(
  plan: PayloadPlan,
  body: AsyncIterable<Uint8Array>,
  { sha256, signing }: PayloadVouchers,
): OpenedPayload & { readonly sha256?: string } {
  switch (plan.mode) {
    case 'unsigned':
      return { body }
    case 'hashed':
      return { body, sha256: sha256! }
    case 'unsigned-chunked':
    case 'unsigned-chunked-trailer':
    case 'signed-chunked':
    case 'signed-chunked-trailer': {
      const isSigned = plan.mode.startsWith('signed')
      const decoded = decodeAwsChunked(body, {
        decodedBytes: plan.sizeBytes!,
        trailerSigned: plan.mode === 'signed-chunked-trailer',
        ...(isSigned ? { signatures: chainSignatures(signing!) } : {}),
        ...(plan.trailerName === undefined ? {} : { trailerName: plan.trailerName }),
      })
      return plan.trailerName === undefined ? { body: decoded } : withTrailers(decoded)
    }
  }
}

async function* verifyHash(body: AsyncIterable<Uint8Array>, declared: string): AsyncGenerator<Uint8Array> {
  const sha256 = createHash('sha256')
  for await (const chunk of body) {
    sha256.update(chunk)
    yield chunk
  }
  checkHash(sha256.digest('hex'), declared)
}

function checkHash(computed: string, declared: string): void {
  if (!sameSignature(computed, declared.toLowerCase())) throw contentSha256Mismatch(declared, computed)
}

/** @param declared What the signature names, in hex as `computed`. */
export const contentSha256Mismatch = (declared: string, computed: string): S3Error =>
  new S3Error(
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    { ClientComputedContentSHA256: declared, S3ComputedContentSHA256: computed },
  )

function withTrailers(decoded: AsyncGenerator<Uint8Array, Trailers, undefined>): OpenedPayload {
  let settle: { resolve(trailers: Trailers): void; reject(reason: unknown): void }
  const trailers = new Promise<Trailers>((resolve, reject) => {
    settle = { resolve, reject }
  })
  // Whoever reads the body learns of its failure there; nobody is obliged to look at the trailers as well.
  trailers.catch(() => {})
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      settle.resolve(yield* decoded)
    } catch (error) {
      settle.reject(error)
      throw error
    } finally {
      // Has no effect unless the reader left early.
      settle.reject(new S3Error('IncompleteBody', 'The request body was not read to its end.'))
    }
  }
  return { body: body(), trailers }
}
