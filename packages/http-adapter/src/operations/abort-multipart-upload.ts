import type { Operation } from '../operation.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { uploadOf } from '../wire/upload-target.js'

export const abortMultipartUpload: Operation = async (call) => {
  refuseUnhonoured(call.headers)
  await uploadOf(call).abort({ signal: call.signal })
  return { status: 204 }
}
