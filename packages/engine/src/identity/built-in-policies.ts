const document = (...statements: readonly { Action: readonly string[]; Resource: string }[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })),
  })

const everyBucket = 'arn:aws:s3:::*'
/** Of one's own, which may do no more than oneself. */
const sessions = { Action: ['sts:AssumeRole'], Resource: '*' }

/** Policies that are there in every store, with AIStor's names. */
const documents: Readonly<Record<string, string>> = {
  __proto__: null as never,
  readonly: document({ Action: ['s3:Get*', 's3:List*', 's3:HeadBucket'], Resource: everyBucket }, sessions),
  readwrite: document({ Action: ['s3:*', 's3express:*'], Resource: everyBucket }, sessions),
  writeonly: document(
    {
      Action: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      Resource: everyBucket,
    },
    sessions,
  ),
  admin: document({ Action: ['s3:*', 's3express:*', 'admin:*', 'sts:*'], Resource: '*' }),
}

export const builtInNames: readonly string[] = Object.keys(documents).sort()

export const isBuiltIn = (name: string): boolean => documents[name] !== undefined

export const findBuiltIn = (name: string): string | undefined => documents[name]
