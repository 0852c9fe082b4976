import pLimit from 'p-limit'
import type { Deleted, DeleteOptions } from '../../contract/object.js'
import type { Cancel } from '../../contract/source.js'
import { limits } from '../../limits.js'

/**
 * Many deletes that share groups of the journal. Each stands for itself; those of one key happen in the order
 * given, since they take that key's turn in the order of asking.
 */
export function deleteObjects(
  deleteOne: (key: string, options: DeleteOptions) => Promise<Deleted>,
  targets: readonly ({ key: string } & DeleteOptions)[],
  { signal }: Cancel,
): Promise<PromiseSettledResult<Deleted>[]> {
  const limit = pLimit(limits.deleteManyConcurrency)
  return Promise.allSettled(
    targets.map((target) =>
      limit(() => deleteOne(target.key, signal === undefined ? target : { signal, ...target })),
    ),
  )
}
