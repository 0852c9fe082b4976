import { setMaxListeners } from 'node:events'
import type { EnclosedPut } from '../enclosed-put.js'
import { problemOf } from '../error-document.js'
import { limits } from '../limits.js'
import type { Call, Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { checkIsRequest, isOfReplica, REPLICATION_REQUEST } from '../wire/replica.js'
import { REPLICA_LIST, readReplicaList } from '../wire/replica-list.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { readSmallBody } from '../wire/xml-body.js'

/**
 * Many versions of another store in one request: ours alone. Each is carried out as its PUT would be, all at once, so that
 * the engine commits them together; the answer has a line of JSON for each, in their order, and what one is refused for
 * stops no other.
 */
export const putReplicas: Operation = async (call) => {
  const { engine, target, payload, headers, signal } = call
  refuseUnhonoured(headers, [REPLICATION_REQUEST])
  checkIsRequest(headers)
  if (headers.get('content-type') !== REPLICA_LIST)
    throw new S3Error('InvalidRequest', `What this operation takes has the content type ${REPLICA_LIST}.`)
  if (payload.sizeBytes === undefined)
    throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.')
  await engine.bucket(target.bucket).info({ signal })
  const puts = readReplicaList(await readSmallBody(call, { maxBytes: limits.replicasMaxBytes }))
  setMaxListeners(0, signal) // All of them listen to it.
  // What rights are decided by is found once, rather than a thousand times at a time. What is found out here each finds out for itself.
  await call.rights.may('s3:PutObject', { bucket: target.bucket, key: puts[0]!.key })
  const outcomes = await Promise.all(puts.map((put) => carryOut(call, put)))
  signal.throwIfAborted()
  return {
    status: 200,
    headers: { 'content-type': 'application/x-ndjson' },
    body: Buffer.from(outcomes.map(({ line }) => `${JSON.stringify(line)}\n`).join('')),
    error: outcomes.find(({ error }) => error !== undefined)?.error,
  }
}

interface Outcome {
  readonly line: object
  /** What the client is not told. */
  readonly error?: unknown
}

async function carryOut(call: Call, put: EnclosedPut): Promise<Outcome> {
  try {
    if (!isOfReplica(put.headers))
      throw new S3Error('InvalidRequest', 'This operation takes versions of another store alone.')
    const { status, headers = {} } = await call.carryOut(put)
    return { line: { status, versionId: headers['x-amz-version-id'] } }
  } catch (error) {
    const { status, code, message } = problemOf(error)
    return { line: { status, code, message }, ...(status >= 500 && { error }) }
  }
}
