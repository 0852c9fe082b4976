import type { GetOptions } from '@aquifer/engine'
import { limits } from '../limits.js'
import type { Call } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { readRange } from './byte-range.js'
import { readReadConditions } from './conditions.js'
import { readInteger } from './integers.js'
import { refuseUnhonoured } from './unhonoured-headers.js'
import { readVersionId } from './version-id.js'

/**
 * What GET and HEAD ask of an object.
 *
 * @throws {@link S3Error} `InvalidArgument`, `InvalidRequest`, `NotImplemented`
 */
export function readGetOptions({ headers, query, signal }: Call): GetOptions {
  refuseUnhonoured(headers)
  const version = readVersionId(query.get('versionId'))
  const partNumber = readInteger(query.get('partNumber'), 'partNumber', {
    minimum: 1,
    maximum: limits.partNumberMax,
  })
  if (partNumber !== undefined && headers.has('range'))
    throw new S3Error('InvalidRequest', 'Cannot specify both Range header and partNumber query parameter')
  const range = readRange(headers.get('range'))
  const options: GetOptions = { ...readReadConditions(headers), ...version, signal }
  if (range !== undefined) options.range = range
  if (partNumber !== undefined) options.partNumber = partNumber
  return options
}
