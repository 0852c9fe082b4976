import type { ObjectInfo } from '@aquifer/engine'
import { openFile } from '../forms/file-payload.js'
import type { PostedForm } from '../forms/posted-form.js'
import type { Call, Operation, Reply } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { quoted } from '../wire/etags.js'
import { locationOf } from '../wire/location.js'
import { plainDocument, text } from '../wire/xml-out.js'
import { writeObject, writtenHeaders } from './write-object.js'

export const postObject: Operation = async (call) => {
  const { posted } = call
  if (posted === undefined)
    throw new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
      Condition: 'Bucket POST must be of the enclosure-type multipart/form-data',
    })
  const info = await writeObject(call, () => openFile(call))
  return answer(call, posted, info)
}

/** Source: S3 API Reference, POST Object, `success_action_redirect` and `success_action_status`. */
function answer(call: Call, { fields }: PostedForm, info: ObjectInfo): Reply {
  const headers = { ...writtenHeaders(info), location: locationOf(call) }
  const redirect = redirectTo(fields.get('success_action_redirect') ?? fields.get('redirect'), call, info)
  if (redirect !== undefined) return { status: 303, headers: { ...headers, location: redirect } }
  switch (fields.get('success_action_status')) {
    case '200':
      return { status: 200, headers }
    case '201':
      return { status: 201, headers, body: postResponse(call, headers.location, info) }
    default:
      return { status: 204, headers }
  }
}

/** What is no URL that a browser could follow is as if it were not there. */
function redirectTo(wanted: string | undefined, { target }: Call, { etag }: ObjectInfo): string | undefined {
  if (wanted === undefined || !URL.canParse(wanted)) return undefined
  const url = new URL(wanted)
  if (!/^https?:$/.test(url.protocol)) return undefined
  const facts = Object.entries({ bucket: target.bucket, key: target.key, etag: quoted(etag) })
  const query = facts.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  url.search = url.search === '' ? query : `${url.search}&${query}`
  return url.href
}

const postResponse = ({ target }: Call, location: string, { etag }: ObjectInfo): string =>
  plainDocument(
    'PostResponse',
    text('Location', location),
    text('Bucket', target.bucket),
    text('Key', target.key),
    text('ETag', quoted(etag)),
  )
