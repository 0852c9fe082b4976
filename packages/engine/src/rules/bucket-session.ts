/** What a session of a bucket may do that reads. */
const READING = [
  's3:GetObject',
  's3:GetObjectAttributes',
  's3:ListBucket',
  's3:ListBucketMultipartUploads',
  's3:ListMultipartUploadParts',
]

/**
 * The policy that holds a session of one bucket. On AWS what is done to the bucket itself goes to another endpoint, with
 * other credentials; SDKs that were given one endpoint for both do it in the session, which so may do that as well.
 * Source: S3 API Reference, CreateSession, `x-amz-create-session-mode`.
 */
export function sessionPolicy(bucket: string, mode: 'read-only' | 'read-write'): string {
  const arn = `arn:aws:s3:::${bucket}`
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: mode === 'read-only' ? READING : 's3:*', Resource: [arn, `${arn}/*`] },
    ],
  })
}
