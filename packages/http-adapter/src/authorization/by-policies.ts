import type { OpenEngine } from '@aquifer/engine'
import { type Authorize, identityOf } from './access.js'

/** By the identities and policies of the engine's store: the adapter's own answer to who may do what. */
export const byPolicies =
  (engine: OpenEngine): Authorize =>
  (access) => {
    const { principal, action, resource, context } = access
    const decision = engine.can(identityOf(principal), action, resource, context)
    return decision instanceof Promise ? decision.then(({ allowed }) => allowed) : decision.allowed
  }
