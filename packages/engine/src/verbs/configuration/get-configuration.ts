import type { BucketConfiguration, ConfigurationKind } from '../../contract/configuration.js'
import type { Cancel } from '../../contract/source.js'
import type { Works } from '../../works.js'
import { configurationKinds } from './configuration-kinds.js'

export async function getConfiguration<K extends ConfigurationKind>(
  works: Works,
  bucket: string,
  kind: K,
  { signal }: Cancel,
): Promise<BucketConfiguration[K] | undefined> {
  signal?.throwIfAborted()
  return configurationKinds[kind].get(works, bucket)
}
