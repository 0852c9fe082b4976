import type { S3Code } from './status.js'

/** An answer in S3's error language, thrown by whatever finds the request wanting. Status comes from `status.ts`. */
export class S3Error extends Error {
  override readonly name = 'S3Error'
  readonly code: S3Code
  /** Elements of the error document beside Code and Message, in order. */
  readonly elements: Readonly<Record<string, string>>
  /** Extra response headers. */
  readonly headers: Readonly<Record<string, string>>
  constructor(
    code: S3Code,
    message: string,
    elements: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.code = code
    this.elements = elements
    this.headers = headers
  }
}

/** An error that a function behind Object Lambda tells, passed on in its own words. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError'
  readonly code: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  constructor(code: string, message: string, status: number, headers: Readonly<Record<string, string>>) {
    super(message)
    this.code = code
    this.status = status
    this.headers = headers
  }
}

/** The commonest refusal: a header or query value that S3 does not take. A missing value shows as `null`. */
export const invalidArgument = (message: string, name: string, value: string | undefined): S3Error =>
  new S3Error('InvalidArgument', message, { ArgumentName: name, ArgumentValue: value ?? 'null' })

/** A header whose meaning is not built: refused, because ignoring it would promise what is not kept. */
export const notImplementedHeader = (header: string): S3Error =>
  new S3Error('NotImplemented', 'A header you provided implies functionality that is not implemented.', {
    Header: header,
  })
