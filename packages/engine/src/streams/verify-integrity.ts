import type { Integrity } from '../contract/integrity.js'
import { Tally } from './tally.js'

/**
 * Verifies bytes at hand against what is said of them, as a put verifies a body that streams by: for front ends
 * whose small documents come with a digest of their own.
 *
 * @throws {@link EngineError} `BadDigest`, `IncompleteBody`, `InvalidChecksum`, `InvalidDigest`.
 */
export async function verifyIntegrity(bytes: Uint8Array, integrity: Integrity): Promise<void> {
  using tally = await Tally.begin(integrity, { etag: 'opaque' })
  tally.count(bytes)
  await tally.hash(bytes)
  await tally.finish()
}
