import { findLambda } from '../lambda/find-lambda.js'
import type { LambdaReply } from '../lambda/lambda.js'
import { lambdaEvent } from '../lambda/lambda-event.js'
import { Patience } from '../lambda/patience.js'
import { readLambdaReply } from '../lambda/read-lambda-reply.js'
import type { Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'

/**
 * The object as a function makes it. Whether it is there is for the function to find out: the stored object is read by
 * the URL that the function is given, and by nothing else.
 */
export const getObjectLambda: Operation = async (call) => {
  const { functions, timeoutMs } = call.settings.lambda
  const lambda = findLambda(call.query.get('lambdaArn') ?? '', functions)
  const event = await lambdaEvent(call)
  const patience = new Patience(timeoutMs, call.signal)
  const answer = await patience
    .wait(() => lambda.invoke(event, { signal: patience.signal }))
    .catch((error) => {
      if (error instanceof S3Error || call.signal.aborted) throw error
      throw new S3Error(
        'LambdaInvocationFailed',
        'The function could not be called.',
        {},
        {},
        { cause: error },
      )
    })
  try {
    const reply = readLambdaReply(answer, event, lambda)
    if (reply.body === undefined) return reply
    if (reply.status !== 204 && reply.status !== 304)
      return { ...reply, body: patience.chunks(reply.body as AsyncIterable<Uint8Array>) }
    discard(answer)
    return { status: reply.status, ...(reply.headers && { headers: reply.headers }) }
  } catch (error) {
    discard(answer)
    throw error
  }
}

/** Not waited for, and whatever comes of it: the reader has his answer. */
function discard({ body }: LambdaReply): void {
  body?.[Symbol.asyncIterator]()
    .return?.()
    .catch(() => {})
}
