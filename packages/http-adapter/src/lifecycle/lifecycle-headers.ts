import type { ObjectInfo, UploadInfo } from '@aquifer/engine'
import { httpDate } from '../wire/dates.js'

/** Ids of rules are any text, and headers are not: as S3 does it, they are encoded as in URLs. */
export const expirationHeader = ({ expiry }: Pick<ObjectInfo, 'expiry'>): Record<string, string> =>
  expiry === undefined
    ? {}
    : {
        'x-amz-expiration': `expiry-date="${httpDate(expiry.at)}", rule-id="${encodeURIComponent(expiry.ruleId)}"`,
      }

/** When an upload will be aborted. */
export const abortHeaders = ({ abort }: Pick<UploadInfo, 'abort'>): Record<string, string> =>
  abort === undefined
    ? {}
    : { 'x-amz-abort-date': httpDate(abort.at), 'x-amz-abort-rule-id': encodeURIComponent(abort.ruleId) }
