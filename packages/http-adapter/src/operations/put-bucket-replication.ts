import { isEngineError } from '@aquifer/engine'
import { limits } from '../limits.js'
import type { Operation } from '../operation.js'
import { readReplication, replicationRoot } from '../replication/read-replication.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { readXmlBody } from '../wire/xml-body.js'
import { malformedXml } from '../wire/xml-in.js'

export const putBucketReplication: Operation = async (call) => {
  const { engine, target, headers, signal } = call
  refuseUnhonoured(headers)
  const document = await readXmlBody(call, replicationRoot, { maxBytes: limits.replicationMaxBytes })
  const configuration = readReplication(document)
  try {
    await engine.bucket(target.bucket).setConfiguration('replication', configuration, { signal })
  } catch (error) {
    // What is wrong with rules is wrong with their document, to S3.
    if (isEngineError(error, 'InvalidArgument')) throw malformedXml(error.message)
    throw error
  }
  return { status: 200 }
}
