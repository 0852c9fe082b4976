import type { EventOrigin } from '@aquifer/engine'
import type { Authenticated } from '../auth/authenticate.js'

/** Who asks, as events will tell. */
export const eventOrigin = (
  { principal, headers }: Pick<Authenticated, 'principal' | 'headers'>,
  {
    requestId,
    hostId,
    region,
    address,
  }: { requestId: string; hostId: string; region: string; address: string | undefined },
): EventOrigin => ({
  principalId: principal.accessKeyId ?? '',
  ...(address === undefined ? {} : { sourceAddress: address }),
  userAgent: headers.get('user-agent') ?? '',
  ...{ requestId, hostId, region },
  ...(headers.has('range') ? { range: headers.get('range')! } : {}),
})
