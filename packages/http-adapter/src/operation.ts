import type { EventOrigin, Events, OpenEngine } from '@aquifer/engine'
import type { Authenticated, Payload } from './auth/authenticate.js'
import type { Principal } from './auth/principal.js'
import type { Rights } from './authorization/rights.js'
import type { EnclosedPut } from './enclosed-put.js'
import type { AdapterRequest } from './request.js'
import type { Settings } from './settings.js'
import type { Query } from './wire/query.js'

/** A request as operations see it: verified, routed, decoded once. */
export interface Call {
  readonly engine: OpenEngine
  /** As the answer's headers tell it, for documents that tell it too. */
  readonly requestId: string
  /** Empty where the operation's level has none. */
  readonly target: { readonly bucket: string; readonly key: string }
  readonly query: Query
  /** Lower-case names; see {@link Authenticated}. */
  readonly headers: Authenticated['headers']
  /** Opening it is what tells a waiting client to send. */
  readonly payload: Payload
  readonly principal: Principal
  /** What the object to be written came in, where that is a form. */
  readonly posted?: Authenticated['posted']
  readonly settings: Settings
  /** As the client spoke to it, with its port if any. */
  readonly host: string
  readonly secure: boolean
  readonly signal: AbortSignal
  /** Who asks, as events will tell. */
  readonly origin: () => EventOrigin
  /** Where what happens can be listened to; not over an engine that another thread has. */
  readonly events?: Pick<Events, 'listen'>
  /** As it came, for who has to tell others of it. */
  readonly received: Pick<AdapterRequest, 'rawUrl' | 'rawHeaders'>
  /** See {@link AdapterRequest}. */
  readonly borrowsChunks: boolean
  /** Carries out a PUT that this request brings in its body: recognised, let in and answered as if it had come alone. */
  readonly carryOut: (put: EnclosedPut) => Promise<Reply>
  /** That it was let in, and what else it may do. */
  readonly rights: Rights
}

export interface Reply {
  readonly status: number
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  /** Text is XML unless a content type is given. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>
  /** What went wrong inside with a part of what was asked, which the client is not told. */
  readonly error?: unknown
}

/** Decode, one engine call, encode. */
export type Operation = (call: Call) => Promise<Reply>
