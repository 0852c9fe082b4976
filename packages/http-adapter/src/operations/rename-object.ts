import { toldBucket } from '../events/told-bucket.js'
import type { Operation } from '../operation.js'
import { readReadConditions } from '../wire/conditions.js'
import { readRenameSource } from '../wire/copy-source.js'
import { refuseUnhonouredByWrite } from '../wire/unhonoured-headers.js'

export const renameObject: Operation = async (call) => {
  const { target, headers, signal } = call
  refuseUnhonouredByWrite(call)
  const source = readRenameSource(headers.get('x-amz-rename-source'))
  const requestId = headers.get('x-amz-client-token')
  await toldBucket(call).rename(
    { ...source, ...readReadConditions(headers, 'x-amz-rename-source-') },
    target.key,
    {
      ...readReadConditions(headers),
      ...(requestId === undefined ? {} : { requestId }),
      signal,
    },
  )
  return { status: 200 }
}
