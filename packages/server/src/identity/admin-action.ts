import type { Events, OpenEngine } from '@aquifer/engine'
import type { z } from 'zod'

/** What actions of administration are carried out with. */
export interface Administered {
  readonly engine: OpenEngine & { readonly events?: Events }
  /** The key that the store does not know, since root's rights come from elsewhere. */
  readonly rootAccessKeyId?: string
}

/**
 * Something an administrator can have done, in a running server by its endpoint or in a stopped one's directory: what
 * comes in and what goes out is JSON either way.
 */
export interface AdminAction<I = never, O = unknown> {
  readonly input: z.ZodType<I>
  /** The actions that policies must allow whoever asks. */
  needs(input: I): readonly string[]
  /** The user whose key is made, or gets another secret. */
  makesKeyOf?(administered: Administered, input: I): Promise<string>
  run(administered: Administered, input: I): Promise<O>
}

/** Lets the types of an action be read off its parts. */
export const adminAction = <I, O>(action: AdminAction<I, O>): AdminAction<I, O> => action
