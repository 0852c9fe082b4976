/** Whom another provider of identities vouches for. */
export interface WebIdentity {
  readonly issuer: string
  readonly subject: string
  /** Whom the token was made for. */
  readonly audience: string
  /** Names of the store's policies by which alone the session may do anything. */
  readonly policies: readonly string[]
}

/** Who vouches for people that the store does not know. */
export interface WebIdentityProvider {
  /**
   * @param token As the provider issued it, a JSON Web Token. Anybody may send anything here.
   * @throws {@link S3Error} `InvalidIdentityToken`; `ExpiredToken`; `STSNotInitialized` where the provider's keys cannot be
   * had for the moment.
   */
  verify(token: string, options: { readonly signal: AbortSignal }): Promise<WebIdentity>
}
