import type { Principal as Identity } from '@aquifer/engine'

/** Who asks. */
export interface Principal {
  readonly anonymous: boolean
  /** Absent exactly when anonymous. */
  readonly accessKeyId?: string
  readonly ownerId: string
  readonly displayName: string
  /** Whom the engine knows it as, for what its policies say. Absent: somebody whom the engine does not know. */
  readonly identity?: Identity
}
