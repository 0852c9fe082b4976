import type { Engine } from '@aquifer/engine'
import { createS3Handler, toFetchHandler } from '@aquifer/http-adapter'

/**
 * S3 as a function from Request to Response, for any server that speaks fetch. Everybody may read the bucket
 * "public"; for all else the caller shows an API key.
 */
export function createFetchHandler(engine: Engine, apiKey: string): (request: Request) => Promise<Response> {
  const s3 = createS3Handler(engine, {
    authenticate: ({ rawHeaders }) => {
      const isKnown = rawHeaders.some(
        ([name, value]) => name.toLowerCase() === 'x-api-key' && value === apiKey,
      )
      return isKnown
        ? { anonymous: false, ownerId: 'service', displayName: 'The service' }
        : { anonymous: true, ownerId: 'visitor', displayName: 'A visitor' }
    },
    authorize: ({ principal, action, bucket }) =>
      !principal.anonymous || (action === 's3:GetObject' && bucket === 'public'),
  })
  return toFetchHandler(s3)
}
