import type { CredentialsProvider } from '../auth/credentials.js'

/** What a function is told, in the form that Object Lambda has. @see S3 User Guide, "Event context format and usage". */
export interface LambdaEvent {
  readonly protocolVersion: ''
  readonly getObjectContext: {
    /** To be sent back, so that no other answer is taken for this one. */
    readonly outputRoute: string
    readonly outputToken: string
    /** A URL by which the stored object can be read for an hour, with the caller's rights and without a range. */
    readonly inputS3Url: string
  }
  readonly userIdentity: {
    readonly type: 'IAMUser' | 'Anonymous'
    readonly principalId: string
    readonly accessKeyId: string
  }
  /** As the caller sent it, but for what authenticates him. */
  readonly userRequest: {
    readonly url: string
    readonly headers: Readonly<Record<string, readonly string[]>>
  }
}

/** A function's answer. A `Response` of the web's is one. */
export interface LambdaReply {
  readonly status: number
  readonly headers: Pick<Headers, 'get' | 'forEach'>
  readonly body: AsyncIterable<Uint8Array> | null
}

/** A function that makes of a stored object what its readers get. */
export interface Lambda {
  /** @param options.signal Fires when the reader has gone or the time is over. */
  invoke(event: LambdaEvent, options: { signal: AbortSignal }): Promise<LambdaReply>
  /**
   * Whether the answer must carry the event's route and token, in `x-amz-request-route` and `x-amz-request-token`: what
   * comes over a network must, so that it can be no answer to something else. @defaultValue true
   */
  readonly echoes?: boolean
}

/** Functions by the end of their ARN, `ID:TYPE`, as in `upper:webhook` of `arn:minio:s3-object-lambda::upper:webhook`. */
export type Lambdas = ReadonlyMap<string, Lambda>

/** What Object Lambda needs of the server it runs in. */
export interface LambdaSettings {
  readonly functions: Lambdas
  readonly timeoutMs: number
  readonly now: () => number
  /** Absent where no keys sign requests. */
  readonly credentials: CredentialsProvider | undefined
}
