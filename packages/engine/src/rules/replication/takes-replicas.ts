import type { Versioning } from '../../contract/configuration.js'
import { EngineError } from '../../errors.js'

/**
 * Versions of another store have places of their own: elsewhere there are none.
 *
 * @throws {@link EngineError} `InvalidRequest`
 */
export function checkTakesReplicas({ versioning }: { readonly versioning?: Versioning | undefined }): void {
  if (versioning === 'enabled') return
  const reason = 'Versioning must be enabled in a bucket that takes versions of another store.'
  throw new EngineError('InvalidRequest', reason, { reason })
}
