/** Methods that S3 has rules for. */
export type CorsMethod = 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD'

/**
 * What pages of other origins may do with a bucket. Nothing in the engine asks for it: whoever serves browsers does.
 * The first rule that fits decides.
 *
 * @see S3 User Guide, "Using cross-origin resource sharing (CORS)".
 */
export interface CorsRule {
  /** Up to 255 characters. */
  readonly id?: string
  /** At least one, such as `https://*.example.com`; each may hold one `*`, which stands for any characters or none. */
  readonly allowedOrigins: readonly string[]
  /** At least one. */
  readonly allowedMethods: readonly CorsMethod[]
  /** Names a page may send, whatever their case; each may hold one `*`. @defaultValue none */
  readonly allowedHeaders?: readonly string[]
  /** Names of an answer's headers that a page may read beside those that it always may. @defaultValue none */
  readonly exposeHeaders?: readonly string[]
  /** How long a browser may remember the answer to its question. @defaultValue as the browser likes */
  readonly maxAgeSeconds?: number
}
