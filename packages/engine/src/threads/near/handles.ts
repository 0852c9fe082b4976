import { StoredBytes } from '../../bodies/stored-bytes.js'
import { EntryIterator } from '../../catalog/entry-iterator.js'
import type { ListingPage, ListOptions } from '../../contract/listing.js'
import type { StoredObject } from '../../contract/object.js'
import type { ByteSource } from '../../contract/source.js'
import { limits } from '../../limits.js'
import type { Begun, OpenedFacts } from '../items.js'
import { type PackedPage, unpackPage } from '../packed-page.js'
import { type Room, type Way, ways } from '../ways.js'
import type { Connection, Expecting } from './connection.js'
import { IncomingBytes } from './incoming-bytes.js'
import { IncomingItems } from './incoming-items.js'
import { leaveBehind, replaced } from './leave-behind.js'
import { OutgoingSource } from './outgoing-source.js'

/** What stands for one of the engine's handles: its room's verbs, each by its way. */
class Handle {
  readonly connection: Connection
  readonly names: readonly string[]

  constructor(connection: Connection, names: readonly string[] = []) {
    this.connection = connection
    this.names = names
  }
}

type HandleOf<T> = new (connection: Connection, names?: readonly string[]) => T & Handle

/** A class whose instances have the verbs of a room that cross; those that do not are for a class over it to add. */
export function handleOf<T>(room: Room): HandleOf<T> {
  const Made = class extends Handle {}
  for (const [verb, way] of Object.entries(ways[room] as Readonly<Record<string, Way>>)) {
    const make = by[way]
    if (make === undefined) continue
    const value = function (this: Handle, ...args: unknown[]) {
      return make(this.connection, { room, verb, names: this.names, args })
    }
    Object.defineProperty(Made.prototype, verb, { value, writable: true, configurable: true })
  }
  return Made as unknown as HandleOf<T>
}

/** The same as an object whose verbs need not be called on it. */
export function verbsOf<T>(room: Room, connection: Connection): T {
  const verbs = Object.entries(ways[room] as Readonly<Record<string, Way>>)
  return Object.fromEntries(
    verbs.map(([verb, way]) => [
      verb,
      (...args: unknown[]) => by[way]!(connection, { room, verb, names: [], args }),
    ]),
  ) as T
}

type Asked = Pick<Begun, 'room' | 'verb' | 'names' | 'args'>

const by: Readonly<Record<Way, ((connection: Connection, asked: Asked) => unknown) | undefined>> = {
  call,
  look,
  tell: (connection, asked) => connection.tell(asked),
  'send 0': (connection, asked) => sending(connection, asked, 0),
  'send 1': (connection, asked) => sending(connection, asked, 1),
  open,
  list,
  iterate,
  upload: call, // It answers the id; whoever makes handles makes one of it.
  near: undefined,
}

export function call<T>(connection: Connection, asked: Asked): Promise<T> {
  return ask(connection, asked, { isBrief: false })
}

/** The signal is asked before, as the engine does it. */
function look<T>(connection: Connection, asked: Asked): Promise<T> {
  return ask(connection, asked, { isBrief: true })
}

function ask<T>(connection: Connection, asked: Asked, how: { isBrief: boolean }): Promise<T> {
  const { call, signal, follow } = leaveBehind(asked, how)
  return new Promise<T>((resolve, reject) => {
    signal?.throwIfAborted()
    const expecting: Expecting = { result: resolve as (value: unknown) => void, error: reject }
    const id = connection.begin(call, expecting, how.isBrief ? undefined : signal)
    follow?.(connection, id)
  })
}

/** Few bytes cross with the call; others follow when they are wanted. */
async function sending(connection: Connection, asked: Asked, at: number): Promise<unknown> {
  const source = asked.args[at] as ByteSource
  if (source instanceof Uint8Array && source.byteLength <= limits.inlineMaxBytesDefault)
    return look(connection, { ...asked, args: replaced(asked.args, at, alone(source)) })
  const { call: begun, signal, follow } = leaveBehind({ ...asked, args: replaced(asked.args, at, undefined) })
  const outgoing = new OutgoingSource(connection, source, signal)
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const result = (value: unknown) => {
      outgoing.done()
      resolve(value)
    }
    const expecting: Expecting = { result, error: reject, source: outgoing }
    const id = connection.begin({ ...begun, source: at }, expecting, signal)
    outgoing.of(id)
    follow?.(connection, id)
  }).finally(() => outgoing.over())
}

/** Without the rest of the memory that it is a part of, which would cross too. */
const alone = (bytes: Uint8Array): Uint8Array =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes : Uint8Array.from(bytes)

function open(connection: Connection, asked: Asked): Promise<StoredObject> {
  const { call, signal } = leaveBehind(asked, { isBrief: true })
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    let incoming: IncomingBytes | undefined
    const id = connection.begin(call, {
      opened(facts: OpenedFacts, bytes: Uint8Array | undefined) {
        if (bytes !== undefined) {
          connection.forget(id)
          return resolve(StoredBytes.of(bytes, facts))
        }
        const reading = new IncomingBytes(connection, id, signal)
        incoming = reading
        resolve(
          new StoredBytes(
            facts,
            (borrows) => reading.read(borrows),
            () => reading.leave(),
          ),
        )
      },
      chunk: (bytes, lent) => incoming?.take(bytes, lent),
      end: () => incoming?.end(),
      error: (error) => (incoming === undefined ? reject(error) : incoming.end({ error })),
    })
  })
}

function list(connection: Connection, asked: Asked) {
  const page = async (from: ListOptions = {}): Promise<ListingPage<unknown, string>> => {
    const args = Object.keys(from).length === 0 ? asked.args : withOptions(asked, from)
    return unpackPage(await call<PackedPage>(connection, { ...asked, args }))
  }
  return {
    page: () => page(),
    [Symbol.asyncIterator]: () =>
      new EntryIterator<unknown, string>((next) =>
        page({ ...(next && { startAfterId: undefined, ...next }), limit: limits.listPageDefault }),
      ),
  }
}

/** A list's options come last; what it is the list of stands before them. */
function withOptions({ room, verb, args }: Asked, options: ListOptions): readonly unknown[] {
  const at = room === 'groups' && verb === 'members' ? 1 : 0
  const given = { ...(args[at] as ListOptions | undefined), ...options } as Record<string, unknown>
  for (const name in given) if (given[name] === undefined) delete given[name]
  const filled = [...args]
  filled[at] = given
  return filled
}

function iterate(connection: Connection, asked: Asked): AsyncIterable<unknown> {
  return { [Symbol.asyncIterator]: () => new IncomingItems(connection, leaveBehind(asked)) }
}
