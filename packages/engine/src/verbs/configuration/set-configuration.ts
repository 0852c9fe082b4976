import type { BucketConfiguration, ConfigurationKind, SetOptions } from '../../contract/configuration.js'
import type { Works } from '../../works.js'
import { configurationKinds } from './configuration-kinds.js'

/** From the next write on it holds: none that was decided by the former setting is carried out after this resolves. */
export async function setConfiguration<K extends ConfigurationKind>(
  works: Works,
  bucket: string,
  kind: K,
  value: BucketConfiguration[K] | undefined,
  options: SetOptions,
): Promise<void> {
  options.signal?.throwIfAborted()
  return configurationKinds[kind].set(works, bucket, value, options)
}
