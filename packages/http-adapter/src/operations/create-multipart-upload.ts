import { abortHeaders } from '../lifecycle/lifecycle-headers.js'
import type { Operation } from '../operation.js'
import { readAttributes } from '../wire/attributes.js'
import { readChecksumChoice, writeChecksumChoice } from '../wire/checksum-choice.js'
import { readWriteConditions } from '../wire/conditions.js'
import { readLockHeaders } from '../wire/object-lock.js'
import { refuseUnhonouredByWrite } from '../wire/unhonoured-headers.js'
import { text, xmlDocument } from '../wire/xml-out.js'
import { readReplicaOptions } from './write-object.js'

export const createMultipartUpload: Operation = async (call) => {
  const { engine, target, headers, principal, signal } = call
  refuseUnhonouredByWrite(call)
  const lock = readLockHeaders(call)
  const conditions = readWriteConditions(headers)
  const choice = readChecksumChoice(headers)
  const replica = await readReplicaOptions(call)
  const upload = await engine.bucket(target.bucket).createUpload(target.key, {
    ...readAttributes(headers, principal.ownerId),
    ...lock,
    ...conditions,
    ...choice,
    ...replica,
    signal,
  })
  // Which type goes with an algorithm when none was asked for, and when it will be aborted, is the engine's to say.
  const info = await upload.info({ signal })
  return {
    status: 200,
    headers: { ...writeChecksumChoice(info), ...abortHeaders(info) },
    body: xmlDocument(
      'InitiateMultipartUploadResult',
      text('Bucket', target.bucket),
      text('Key', target.key),
      text('UploadId', upload.uploadId),
    ),
  }
}
