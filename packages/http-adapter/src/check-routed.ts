import { isBucketName } from '@aquifer/engine'
import type { Address } from './address.js'
import type { Authenticated } from './auth/authenticate.js'
import { checkBodySigned } from './enclosed-put.js'
import type { Routed } from './router.js'
import { S3Error } from './s3-error.js'

/**
 * What an operation does not go with, whoever asks.
 *
 * @throws {@link S3Error} `AccessDenied`, `InvalidBucketName`, `InvalidRequest`
 */
export function checkRouted(routed: Routed, address: Address, authenticated: Authenticated): void {
  checkBucketName(address, routed)
  checkOperationSigned(routed, authenticated)
  checkTakesForm(routed, authenticated)
  if (routed.name === 'PutReplicas') checkBodySigned(authenticated)
}

/** A bucket that could not have been made need not be looked for. One operation has its own name in that place. */
function checkBucketName({ bucket }: Address, { name }: Routed): void {
  if (bucket === '' || name === 'WriteGetObjectResponse' || isBucketName(bucket)) return
  throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.', { BucketName: bucket })
}

/**
 * An operation must not be chosen by what nobody signed. How a listing is written is no other operation to whoever
 * asks for it, and every client of Signature Version 2 leaves it out.
 */
function checkOperationSigned({ row }: Routed, { unsignedParameters }: Authenticated): void {
  const unsigned = [row.subResource, ...row.others].find((name) => unsignedParameters?.has(name))
  if (unsigned === undefined || unsigned === 'list-type') return
  throw new S3Error(
    'AccessDenied',
    `The signature does not cover the query parameter "${unsigned}". Please use AWS4-HMAC-SHA256.`,
  )
}

/** Whoever signed a form allowed an upload, and nothing else to whoever has it. */
function checkTakesForm({ name }: Routed, { posted }: Authenticated): void {
  if (posted !== undefined && name !== 'PostObject' && name !== 'PutObjectFanOut')
    throw new S3Error('InvalidRequest', 'This operation does not take a form.')
}
