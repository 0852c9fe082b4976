import type { AuthSettings } from './auth/authenticate.js'
import type { CredentialsProvider } from './auth/credentials.js'
import type { Principal } from './auth/principal.js'
import type { Authorize } from './authorization/access.js'
import type { Lambdas } from './lambda/lambda.js'
import type { Profile } from './profile.js'
import type { AdapterRequest } from './request.js'
import type { RequestRecord } from './request-record.js'
import type { WebIdentityProvider } from './sts/web-identity.js'

export interface S3HandlerOptions
  extends Pick<
    AuthSettings,
    | 'fanOutEntriesMax'
    | 'acceptedRegions'
    | 'publicUrl'
    | 'trustedProxies'
    | 'queryChecksums'
    | 'signatureV2'
    | 'now'
  > {
  /** Whose keys sign requests. Either this or `authenticate`. */
  readonly credentials?: CredentialsProvider
  /**
   * An authentication of your own in place of S3's signatures: says who asks, or throws, best an {@link S3Error}
   * such as `AccessDenied`. Bodies are then taken unsigned.
   */
  readonly authenticate?: (request: AdapterRequest) => Principal | Promise<Principal>
  /**
   * Whether a principal may do something, asked for each right that the table of operations says a request needs, before
   * anything of the request is carried out or looked up. @defaultValue `engine.can`: by the users and policies of the
   * store, and the policies of its buckets. Whom `credentials` or `authenticate` let in without saying which identity of
   * the store it is may do everything, as root may; who is anonymous what a bucket's policy allows to everybody.
   */
  readonly authorize?: Authorize
  /** The served surface. @defaultValue 'aistor' */
  readonly profile?: Profile
  /**
   * What becomes of the limits that the AIStor page puts on operations it has: ListMultipartUploads finds the uploads
   * of one key alone, named whole by the prefix. `'lift'` serves the operation as S3 does. @defaultValue 'lift'
   */
  readonly pageLimits?: 'keep' | 'lift'
  /** The one region this server is. @defaultValue 'us-east-1' */
  readonly region?: string
  /** Host names under which `BUCKET.name` addresses a bucket. @defaultValue none: by path alone */
  readonly domains?: readonly string[]
  /** The path under which all of it lies, as in `/storage`. Signatures are over the URL that holds it. @defaultValue '' */
  readonly basePath?: string
  /**
   * Origins whose pages may do everything that signatures allow, with every bucket that has no CORS rules of its own:
   * `*` for all of them, or such as `https://*.example.com`. Pages then also see errors about what is no bucket.
   * @defaultValue none
   */
  readonly corsOrigins?: readonly string[]
  /** Whom what was stored without an owner belongs to. */
  readonly owner?: { readonly id: string; readonly displayName: string }
  /**
   * Whether a form that `owner` signed may carry a fan-out list. The list is no part of what is signed: whoever is given
   * such a form, to upload one object, could write any others in its bucket. @defaultValue false
   */
  readonly fanOutByOwner?: boolean
  /** When it fires, answers that would go on for as long as the client stays are ended. @defaultValue never */
  readonly stopping?: AbortSignal
  /** Functions that `GET …?lambdaArn=` may name. @defaultValue none */
  readonly lambdas?: Lambdas
  /** Who vouches for people that the store does not know, for AssumeRoleWithWebIdentity. @defaultValue nobody */
  readonly webIdentities?: WebIdentityProvider
  /** How long a function may leave its reader without an answer, or without the next bytes of it. @defaultValue 60000 */
  readonly lambdaTimeoutMs?: number
  /**
   * Whether the record of a request whose signature does not match holds why. Finding it out costs a few hundred
   * hashes for each of them; the secret is not in it. @defaultValue false
   */
  readonly explainSignatures?: boolean
  /** Called once a request is over. What it throws is ignored. */
  readonly log?: (record: RequestRecord) => void
}
