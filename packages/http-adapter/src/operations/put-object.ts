import type { Operation } from '../operation.js'
import { openUpload } from '../wire/upload-body.js'
import { writeObject, writtenHeaders } from './write-object.js'

export const putObject: Operation = async (call) => {
  const info = await writeObject(call, () => openUpload(call))
  return { status: 200, headers: writtenHeaders(info) }
}
