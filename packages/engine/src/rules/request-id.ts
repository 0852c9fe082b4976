import { createHash } from 'node:crypto'
import { invalidArgument } from '../errors.js'
import { limits } from '../limits.js'

/** Source: S3 API Reference, RenameObject, `x-amz-client-token`. */
export function checkRequestId(requestId: string): void {
  if (requestId.length > limits.requestIdMaxBytes || !/^[\x20-\x7e]+$/.test(requestId))
    throw invalidArgument('request id', requestId)
}

/** Tells whether a request with the same id asks the same. The facts are told apart by their places. */
export const digestOfRequest = (...facts: readonly unknown[]): Uint8Array =>
  new Uint8Array(createHash('sha256').update(JSON.stringify(facts)).digest())
