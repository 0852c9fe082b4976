import type { LifecycleConfiguration } from '@aquifer/engine'
import { invalidArgument } from '../s3-error.js'

type Minimum = NonNullable<LifecycleConfiguration['transitionMinimum']>

const HEADER = 'x-amz-transition-default-minimum-object-size'
const spellings: Readonly<Record<string, Minimum>> = {
  all_storage_classes_128K: 'all-storage-classes',
  varies_by_storage_class: 'varies-by-storage-class',
}

/** Which objects transitions leave alone: asked for and answered, though there are none yet. */
export function readTransitionMinimum(headers: ReadonlyMap<string, string>): Minimum | undefined {
  const asked = headers.get(HEADER)
  if (asked === undefined) return undefined
  if (Object.hasOwn(spellings, asked)) return spellings[asked]
  throw invalidArgument('Unknown minimum object size.', HEADER, asked)
}

/** S3 answers with its default where none was asked for. */
export const transitionMinimumHeader = (
  minimum: Minimum = 'all-storage-classes',
): Record<string, string> => ({
  [HEADER]: Object.keys(spellings).find((spelling) => spellings[spelling] === minimum)!,
})
