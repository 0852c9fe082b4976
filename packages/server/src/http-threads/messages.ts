import type { MessagePort } from 'node:worker_threads'
import type { RootCredentials } from '../credentials.js'
import type { CommandFailure } from '../failure.js'
import type { Listening } from '../front.js'
import type { Environment } from '../settings/read-settings.js'
import type { ServeSettings } from '../settings/serve-settings.js'

/** What a thread is started with. */
export interface ThreadData {
  readonly settings: ServeSettings
  readonly environment: Environment
  readonly listening: Listening
  readonly connectionsMax: number
  /** Whether the log is read by a person. */
  readonly onTerminal: boolean
}

export type ToThread =
  | { readonly kind: 'serve'; readonly port: MessagePort; readonly credentials: RootCredentials }
  | { readonly kind: 'drain'; readonly timeoutMs: number }

export type FromThread =
  | { readonly kind: 'listening'; readonly port: number }
  /** It cannot listen, for a reason that the command is to tell. */
  | { readonly kind: 'failed'; readonly failure: Pick<CommandFailure, 'kind' | 'message' | 'remedy'> }
  /** It has the engine, and answers requests. */
  | { readonly kind: 'serving' }
  | { readonly kind: 'log'; readonly lines: string }
  | { readonly kind: 'drained'; readonly cut: number }
