import type { Listing } from '../../contract/listing.js'
import type { Upload } from '../../contract/multipart.js'
import type { StoredObject } from '../../contract/object.js'
import type { Engine } from '../../engine.js'
import { insideOf } from '../../engine.js'
import { uncrossOrigin } from '../crossed-origin.js'
import { crossResult } from '../crossed-result.js'
import { packPage } from '../packed-page.js'
import { type Room, type Way, ways } from '../ways.js'
import { sendBytes } from './send-bytes.js'
import { sendItems } from './send-items.js'
import type { ServedCall } from './served-call.js'

/** Carries out a call, and answers it. Over when nothing of it is open any more. */
export async function answerCall(engine: Engine, call: ServedCall): Promise<void> {
  const { id, begun, args } = call
  const { room, verb, names } = begun
  const table = ways[room] as Readonly<Record<string, Way>>
  if (!Object.hasOwn(table, verb)) throw new TypeError(`There is no verb ${room}.${verb}.`)
  const handle = handleIn(engine, room, names) as Record<string, (...args: unknown[]) => unknown>
  const answered = handle[verb]!(...args)
  switch (table[verb]!) {
    case 'list':
      return call.answer(['result', id, packPage(await (answered as Listing<unknown, string>).page())])
    case 'iterate':
      return sendItems(call, answered as AsyncIterable<unknown>)
    case 'open':
      return sendBytes(call, await (answered as Promise<StoredObject>))
    case 'upload':
      return call.answer(['result', id, (await (answered as Promise<Upload>)).uploadId])
    default:
      return call.answer(['result', id, crossResult(await answered)])
  }
}

function handleIn(engine: Engine, room: Room, names: readonly string[]): object {
  const [bucket = '', key = '', uploadId = '', origin = ''] = names
  switch (room) {
    case 'engine':
      return engine
    case 'bucket':
      return engine.bucket(bucket, uncrossOrigin(origin))
    case 'upload':
      return engine.bucket(bucket, uncrossOrigin(origin)).upload(key, uploadId)
    case 'identities':
      return engine.identities
    case 'users':
    case 'keys':
    case 'groups':
    case 'policies':
      return engine.identities[room]
    case 'replication':
      return engine.replication
    case 'rights':
      return insideOf(engine).rights
  }
}
