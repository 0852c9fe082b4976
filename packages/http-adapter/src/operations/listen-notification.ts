import { type EngineEvent, type EventStream, eventRecord, type ListenOptions } from '@aquifer/engine'
import { limits } from '../limits.js'
import type { Call, Operation } from '../operation.js'
import { invalidArgument, S3Error } from '../s3-error.js'
import type { Settings } from '../settings.js'

const SPACE = Buffer.from(' ')
const NOTHING_HAPPENED = Buffer.from('{"Records":null}\n')

/**
 * What happens in a bucket, or in all of them, told for as long as the client stays: a line of JSON for each event, and signs of
 * life between them. AIStor's extension of S3; a client that does not keep up is cut off, and never misses anything unknown.
 */
export const listenNotification: Operation = async (call) => {
  const { events, target, signal } = call
  if (events === undefined)
    throw new S3Error('NotImplemented', 'Events can be listened to only in the thread that has the store.')
  const pingSeconds = readPing(call.query.get('ping'))
  const filter = readFilter(call)
  const { stopping } = call.settings
  const stream = await events.listen({
    ...filter,
    ...(target.bucket === '' ? {} : { bucket: target.bucket }),
    signal: stopping === undefined ? signal : AbortSignal.any([signal, stopping]),
  })
  return {
    status: 200,
    headers: {
      'content-type': 'text/event-stream',
      'x-accel-buffering': 'no',
      'cache-control': 'no-cache',
    },
    body: lines(stream, call.settings, pingSeconds),
  }
}

function readFilter({ query }: Call): Pick<ListenOptions, 'names' | 'prefix' | 'suffix'> {
  const one = (name: 'prefix' | 'suffix') => {
    const values = query.all(name)
    if (values.length > 1)
      throw invalidArgument(`Cannot specify more than one ${name} rule in a filter.`, name, values[1])
    return values[0] === undefined || values[0] === '' ? {} : { [name]: values[0] }
  }
  return { names: [...new Set(query.all('events'))], ...one('prefix'), ...one('suffix') }
}

/** @throws {@link S3Error} `InvalidArgument` */
function readPing(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw invalidArgument('ping must be a whole number of seconds, at least 1', 'ping', text)
}

async function* lines(
  stream: EventStream,
  { region, stopping }: Settings,
  pingSeconds: number | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  await using events = stream
  yield SPACE // So that the client learns that it has been let in.
  const intervalMs = pingSeconds === undefined ? limits.listenSpaceMs : pingSeconds * 1_000
  let next = events.next()
  for (;;) {
    const came = await within(intervalMs, next).catch((error: unknown) => {
      if (stopping?.aborted) return 'over' as const
      throw error
    })
    if (came === 'over') return
    if (came === 'late') {
      yield pingSeconds === undefined ? SPACE : NOTHING_HAPPENED
      continue
    }
    if (came.done === true) return
    yield lineOf(came.value, region)
    next = events.next()
  }
}

const lineOf = (event: EngineEvent, region: string): Uint8Array =>
  Buffer.from(`${JSON.stringify({ Records: [eventRecord(event, { region, keys: 'raw' })] })}\n`)

async function within<T>(ms: number, promise: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
