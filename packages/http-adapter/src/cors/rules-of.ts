import { type CorsRule, isEngineError, type OpenEngine } from '@aquifer/engine'

/** A rule as it is applied: that of the server as a whole lets pages read all of an answer's headers. */
export interface AppliedRule extends CorsRule {
  readonly exposesAll?: boolean
}

export interface CorsRules {
  readonly rules: readonly AppliedRule[]
  /** Whether there is such a bucket at all. */
  readonly hasBucket: boolean
}

/**
 * The rules for a bucket: its own, and where it has none those of the server as a whole, which also hold where there is
 * no bucket.
 */
export async function corsRulesOf(
  engine: OpenEngine,
  bucket: string,
  corsOrigins: readonly string[],
  signal: AbortSignal,
): Promise<CorsRules> {
  const serverWide = corsOrigins.length === 0 ? [] : [allowing(corsOrigins)]
  if (bucket === '') return { rules: serverWide, hasBucket: false }
  try {
    const own = await engine.bucket(bucket).getConfiguration('cors', { signal })
    return { rules: own ?? serverWide, hasBucket: true }
  } catch (error) {
    if (isEngineError(error, 'NoSuchBucket') || isEngineError(error, 'InvalidBucketName'))
      return { rules: serverWide, hasBucket: false }
    throw error
  }
}

const allowing = (allowedOrigins: readonly string[]): AppliedRule => ({
  allowedOrigins,
  allowedMethods: ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'],
  allowedHeaders: ['*'],
  exposesAll: true,
})

/** @throws {TypeError} */
export function checkCorsOrigins(corsOrigins: readonly string[]): void {
  for (const origin of corsOrigins)
    if (origin === '' || origin.indexOf('*') !== origin.lastIndexOf('*'))
      throw new TypeError(`"${origin}" is no origin with at most one "*".`)
}
