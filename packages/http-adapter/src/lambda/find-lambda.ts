import { S3Error } from '../s3-error.js'
import type { Lambda, Lambdas } from './lambda.js'

/**
 * By its ID and type alone: the region of an ARN is not compared. Source: AIStor's documentation of Object Lambda.
 *
 * @throws {@link S3Error} `LambdaARNInvalid`, `LambdaARNNotFound`
 */
export function findLambda(arn: string, lambdas: Lambdas): Lambda {
  const [first, partition, service, , id, type, ...rest] = arn.split(':')
  const isArn = first === 'arn' && partition === 'minio' && service === 's3-object-lambda'
  if (!isArn || id === undefined || id === '' || type === undefined || type === '' || rest.length > 0)
    throw new S3Error(
      'LambdaARNInvalid',
      'The specified lambda ARN is invalid: it has the form arn:minio:s3-object-lambda:REGION:ID:TYPE.',
    )
  const lambda = lambdas.get(`${id}:${type}`)
  if (lambda === undefined) throw new S3Error('LambdaARNNotFound', 'The specified lambda ARN does not exist.')
  return lambda
}
