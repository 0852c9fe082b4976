/** A key pair as the owner of identities knows it. */
export interface Credentials {
  readonly secretAccessKey: string
  /** The canonical id that objects written with this key are owned by. */
  readonly ownerId: string
  readonly displayName: string
  /** Present for temporary keys: the request must carry exactly this token. */
  readonly sessionToken?: string
  /** Milliseconds since 1970 after which the key answers `ExpiredToken`. Absent: it does not expire. */
  readonly expiresAt?: number
}

/** Where secrets come from. It is asked once for each signed request; a cache is its own matter. */
export interface CredentialsProvider {
  findCredentials(accessKeyId: string): Credentials | undefined | Promise<Credentials | undefined>
}
