import type { Stretch } from '../bodies/stored-bytes.js'
import type { ObjectPart } from '../contract/multipart.js'
import type { ObjectInfo } from '../contract/object.js'
import type { CrossedError } from './crossed-error.js'
import type { Room } from './ways.js'

/** Of one call and all that follows from it. The near side counts them. */
export type CallId = number

/** What is told of an opened object besides its bytes. */
export interface OpenedFacts {
  readonly info: ObjectInfo
  readonly range?: Stretch
  readonly part?: ObjectPart
  readonly length: number
}

/** How a call begins. */
export interface Begun {
  readonly room: Room
  readonly verb: string
  /** Of the handle that it was called on: a bucket's name, an upload's key and id, then for whom it is. */
  readonly names: readonly string[]
  readonly args: readonly unknown[]
  /** The argument whose signal was left behind: `abort` may follow. */
  readonly signalIn?: number
  /** The argument whose bytes follow, when they are wanted. */
  readonly source?: number
  /** The argument that says for whom it is. */
  readonly origin?: { readonly in: number; readonly text: string }
  /** The argument of whose checksums these follow. */
  readonly promised?: { readonly in: number; readonly algorithms: readonly string[] }
}

/** To the thread that has the engine. Items arrive in the order in which they were sent. */
export type Order =
  | readonly ['call', CallId, Begun]
  | readonly ['abort', CallId, CrossedError]
  /** Pieces of a source. Only with the last are they all of it. */
  | readonly ['bytes', CallId, readonly Uint8Array[], isLast: boolean]
  /** The source has failed: what came of it is not all of it. */
  | readonly ['broken', CallId, CrossedError]
  | readonly ['kept', CallId, algorithm: string, value: string]
  | readonly ['unkept', CallId, algorithm: string, CrossedError]
  /** Of something opened or iterated: the reader is done with so many chunks, and takes more. */
  | readonly ['more', CallId]
  /** Of something opened or iterated: nobody reads it any more. */
  | readonly ['leave', CallId]

/** From the thread that has the engine. */
export type Answer =
  /** The first of all: the count that changes with every change of rights. */
  | readonly ['welcome', SharedArrayBuffer]
  | readonly ['result', CallId, unknown]
  | readonly ['error', CallId, CrossedError]
  /** An object, with its bytes where they are few. */
  | readonly ['opened', CallId, OpenedFacts, Uint8Array | undefined]
  /** So many more messages with bytes of the source may come. */
  | readonly ['want', CallId, number]
  /** `lent`: the memory is the engine's, and stays as it is until the reader is done with it. */
  | readonly ['chunk', CallId, Uint8Array, lent: boolean]
  | readonly ['items', CallId, readonly unknown[], isLast: boolean]
  | readonly ['end', CallId]
