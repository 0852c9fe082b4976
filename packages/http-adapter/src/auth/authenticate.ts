import type { PostedForm } from '../forms/posted-form.js'
import type { AdapterRequest } from '../request.js'
import type { CredentialsProvider } from './credentials.js'
import type { Principal } from './principal.js'

export interface AuthSettings {
  readonly credentials: CredentialsProvider
  /** The region this server is in. @defaultValue 'us-east-1' */
  readonly region?: string
  /**
   * Regions a credential scope may name beside `region`. Clients that were never told a region sign with one of
   * these. @defaultValue `['us-east-1', 'auto', '']`
   */
  readonly acceptedRegions?: readonly string[]
  /**
   * Service names a credential scope may carry. With `s3express` among them, requests may also bring the token of a
   * session of one bucket (`x-amz-s3session-token`). @defaultValue `['s3']`
   */
  readonly services?: readonly string[]
  /**
   * The URL clients use when it is not the one that arrives here (a proxy rewrites Host or strips a path). Its
   * host and path are tried beside those of the request.
   */
  readonly publicUrl?: string
  /** Addresses or CIDR blocks whose `X-Forwarded-Host`, `-Proto` and `-For` are believed. @defaultValue none */
  readonly trustedProxies?: readonly string[]
  /** The path this adapter is mounted under; it is part of `rawUrl` and of `publicUrl`. @defaultValue '' */
  readonly basePath?: string
  /**
   * What a checksum in a presigned URL's query means. AWS ignores it and enforces only headers; `'enforce'` treats
   * it as if it had come as a header, which refuses what AWS's own JavaScript presigner makes by default.
   * @defaultValue 'ignore'
   */
  readonly queryChecksums?: 'ignore' | 'enforce'
  /**
   * Whether Signature Version 2 is accepted, which old clients and presigners of some SDKs still make: HMAC-SHA1 over
   * method, resource, date and `x-amz-*` headers, and so neither over the body nor over other headers.
   * @defaultValue false
   */
  readonly signatureV2?: boolean
  /** Host names under which `BUCKET.name` addresses a bucket: version 2 signs the bucket so named. @defaultValue none */
  readonly domains?: readonly string[]
  /** Objects that one form may become by a fan-out list. @defaultValue 1000 */
  readonly fanOutEntriesMax?: number
  /** Wall clock in milliseconds since 1970. @defaultValue `Date.now` */
  readonly now?: () => number
}

/** How the request's bytes are framed and vouched for. Decided in one place (`payload-mode.ts`). */
export type PayloadMode =
  /** Plain bytes whose SHA-256 the signature names. */
  | 'hashed'
  /** Plain bytes, or aws-chunked framing without chunk signatures or announced trailer. */
  | 'unsigned'
  | 'unsigned-chunked'
  | 'unsigned-chunked-trailer'
  | 'signed-chunked'
  | 'signed-chunked-trailer'

export interface OpenedPayload {
  /**
   * The decoded bytes. It throws before it ends when hash, chunk signature, framing, length or trailer is wrong, so
   * a write that commits only after the end commits only what was verified. May be read once.
   */
  readonly body: AsyncIterable<Uint8Array>
  /** Decoded length, when the request says it. */
  readonly sizeBytes?: number
  /**
   * Present when a trailer was announced: its values by lower-case name, once the body has ended well. Rejects with
   * the body's error otherwise; a rejection nobody looks at is harmless.
   */
  readonly trailers?: Promise<Readonly<Record<string, string>>>
}

export interface Payload {
  readonly mode: PayloadMode
  /** Decoded length, when the request says it. */
  readonly sizeBytes?: number
  /** Lower-case name of the announced trailer, such as `x-amz-checksum-crc32`. */
  readonly trailerName?: string
  /** Begins reading. Until it is called nothing of the body is touched (the client may await `100 Continue`). */
  open(): OpenedPayload
  /**
   * The verified bytes in place of `open`, where they are plain bytes and all here already. Where it answers
   * undefined, nothing was read.
   *
   * @throws {@link S3Error} `XAmzContentSHA256Mismatch`
   */
  takeWhole?(): Uint8Array | undefined
  /**
   * The same for a reader that takes digests anyway: a `hashed` body comes unverified, and `sha256` says in hex what it
   * must have.
   */
  openUnverified(): OpenedPayload & { readonly sha256?: string }
}

export interface Authenticated {
  readonly principal: Principal
  /** `post`: by the fields of a form, or by none where it is a form all the same. */
  readonly form: 'header' | 'query' | 'post' | 'anonymous'
  /**
   * The host, with its port if any, that the request was made to. Address the bucket by this and not by the `host`
   * header: it is the one that the signature was verified with.
   */
  readonly host: string
  /** Whether the client spoke TLS, to us or to a trusted proxy. */
  readonly secure: boolean
  /**
   * The header view operations read: lower-case names, repeated headers joined by a comma, headers that a presigned
   * URL carries in its query filled in, and `aws-chunked` taken out of `content-encoding`.
   */
  readonly headers: ReadonlyMap<string, string>
  readonly payload: Payload
  /**
   * Names of the query that the signature does not cover, as version 2 has them; absent when there are none. No
   * operation may be chosen by one of them: whoever was given a URL could change what it does.
   */
  readonly unsignedParameters?: ReadonlySet<string>
  /** How the request is signed, and when; absent when it is not. */
  readonly signature?: {
    readonly version: 'AWS4-HMAC-SHA256' | 'AWS'
    readonly signedAt?: number
    /** The one that the signature is for, as version 4 names it. */
    readonly service?: string
  }
  /**
   * The form that the request's body is; headers and payload are then those of the object in it. It is let go of by
   * whoever called, also when its payload was never opened.
   */
  readonly posted?: PostedForm
}

/**
 * Verifies a request once, before it is routed. Anything signed in a way we do not know, or wrongly, is refused.
 *
 * @throws {@link S3Error} with S3's code. A request that carries no signature is not an error: its principal is
 * anonymous, and whether that is allowed is the caller's matter.
 */
export type Authenticator = (request: AdapterRequest) => Promise<Authenticated>
