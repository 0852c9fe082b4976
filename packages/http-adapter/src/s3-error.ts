/** An answer in S3's error language, thrown by whatever finds the request wanting. Status comes from `status.ts`. */
export class S3Error extends Error {
  override readonly name = 'S3Error'
  readonly code: string
  /** Elements of the error document beside Code and Message, in order. */
  readonly elements: Readonly<Record<string, string>>
  /** Extra response headers. */
  readonly headers: Readonly<Record<string, string>>
  constructor(
    code: string,
    message: string,
    elements: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.code = code
    this.elements = elements
    this.headers = headers
  }
}
