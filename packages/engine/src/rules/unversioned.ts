import { EngineError } from '../errors.js'

/**
 * Some verbs change an object without keeping what it was, which a bucket with versions or object lock promises.
 * Source: S3 API Reference, RenameObject and PutObject with a write offset: directory buckets alone, which have neither.
 */
export function refuseVersioned(
  { versioning, objectLock }: { readonly versioning?: string; readonly objectLock?: boolean },
  verb: string,
): void {
  if (versioning === undefined && objectLock !== true) return
  const has = objectLock === true ? 'object lock' : 'versioning'
  const reason = `A bucket that has ${has} takes no ${verb}.`
  throw new EngineError('InvalidRequest', reason, { reason })
}
