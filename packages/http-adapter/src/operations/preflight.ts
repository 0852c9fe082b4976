import type { Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'

/** No bucket has rules for other origins yet, and S3's answer to a browser's question is then no. */
export const preflight: Operation = async ({ headers }) => {
  if (!headers.has('origin'))
    throw new S3Error('BadRequest', 'Insufficient information. Origin request header needed.')
  if (!/^(?:GET|PUT|POST|DELETE|HEAD)$/.test(headers.get('access-control-request-method') ?? ''))
    throw new S3Error('BadRequest', 'Invalid Access-Control-Request-Method.')
  throw new S3Error('AccessForbidden', 'CORSResponse: CORS is not enabled for this bucket.', {
    Method: headers.get('access-control-request-method')!,
    ResourceType: 'BUCKET',
  })
}
