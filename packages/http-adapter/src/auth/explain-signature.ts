import type { AdapterRequest } from '../request.js'
import { S3Error } from '../s3-error.js'
import type { AuthSettings } from './authenticate.js'
import { acceptedScopes, checkHeadersSigned, checkScope, checkTime } from './claim-checks.js'
import type { ComparedRow } from './compare-canonical-requests.js'
import { checkCredentials } from './credentials.js'
import { findClaim } from './find-claim.js'
import { createFindOrigins } from './origins.js'
import { readHeaders } from './request-headers.js'
import { readTarget } from './request-target.js'
import { sameSignature } from './signature.js'
import { type Signing, signingByVersion4, type Texts } from './signing.js'
import { checkVersion2Time, version2Naming } from './verify-version-2.js'
import { signingByVersion2 } from './version-2-signing.js'

export type RequestHead = Pick<
  AdapterRequest,
  'method' | 'rawUrl' | 'rawHeaders' | 'remoteAddress' | 'secure'
>

export interface SignatureExplanation {
  readonly matches: boolean
  /** What was found out, in sentences. */
  readonly findings: readonly string[]
  /** Absent when the request is not signed, or in no way that can be read. */
  readonly ours?: Texts
  /** The canonical request that the client told of, or else one that its signature proves it made. */
  readonly theirs?: Texts
  /** Both, part by part. Empty when theirs is not known. */
  readonly rows: readonly ComparedRow[]
}

/**
 * Finds out why a signature does not match: from the canonical request that the client's own log shows, when it is
 * given, or else by trying what clients and proxies commonly do until one of it yields the client's signature.
 *
 * Meant for people who run the server: it says what only someone who holds the secret can say.
 *
 * @param claimed The client's canonical request, as the debug log of its SDK shows it; for Signature Version 2 its
 *   string to sign.
 */
export async function explainSignature(
  request: RequestHead,
  settings: AuthSettings,
  claimed?: string,
): Promise<SignatureExplanation> {
  const findings: string[] = []
  const told = <T>(step: () => T): T | undefined => {
    try {
      return step()
    } catch (error) {
      if (!(error instanceof S3Error)) throw error
      findings.push(`${error.code}: ${error.message}`)
      return undefined
    }
  }
  const nothing = (): SignatureExplanation => ({ matches: false, findings, rows: [] })
  const headers = readHeaders(request.rawHeaders)
  const target = told(() => readTarget(request.rawUrl))
  const origins = told(() => createFindOrigins(settings)(request, headers).candidates)
  if (target === undefined || origins === undefined) return nothing()
  const claim = told(() => findClaim(target, headers, settings))
  if (claim === undefined) {
    if (findings.length === 0) findings.push('The request is not signed.')
    return nothing()
  }
  const now = (settings.now ?? Date.now)()
  if (claim.version === 2) told(() => checkVersion2Time(claim, now))
  else {
    told(() => checkScope(claim, acceptedScopes(settings)))
    told(() => checkTime(claim, now))
    told(() => checkHeadersSigned(claim, headers))
  }
  const found = await settings.credentials.findCredentials(claim.accessKeyId)
  told(() => checkCredentials(claim, found, now))
  const secret = found?.secretAccessKey ?? ''
  const { method } = request
  const signing = told(() =>
    claim.version === 2
      ? signingByVersion2(method, target, claim, origins, version2Naming(settings), secret)
      : signingByVersion4({ method, target, headers, claim }, origins, secret),
  )
  if (signing === undefined) return nothing()
  const compared = compareWithClient(signing, claim.signature, claimed)
  if (found !== undefined) findings.push(compared.finding)
  const { ours, theirs } = compared
  return {
    matches: compared.matches && findings.length === 1,
    findings,
    ours,
    ...(theirs === undefined ? {} : { theirs }),
    rows: theirs === undefined ? [] : signing.compare(ours.canonicalRequest, theirs.canonicalRequest),
  }
}

interface Compared {
  readonly matches: boolean
  readonly finding: string
  readonly ours: Texts
  readonly theirs?: Texts
}

function compareWithClient(signing: Signing, signature: string, claimed: string | undefined): Compared {
  const { readings } = signing
  const proves = (texts: Texts): boolean => sameSignature(signing.sign(texts.stringToSign), signature)
  const match = readings.find(proves)
  if (match !== undefined)
    return { matches: true, finding: 'The signature matches.', ours: match, theirs: match }
  const [ours] = readings
  if (claimed !== undefined) {
    const theirs = signing.textsOf(Buffer.from(claimed.replaceAll('\r\n', '\n').trimEnd()).toString('latin1'))
    return { matches: false, finding: findingOfClaim(ours, theirs, proves(theirs)), ours, theirs }
  }
  for (const { because, texts: theirs } of signing.hypotheses()) {
    if (proves(theirs)) return { matches: false, finding: `Most likely ${because}.`, ours, theirs }
  }
  return {
    matches: false,
    finding:
      'None of the usual differences explains the signature. Most likely the client has another secret access key; if it has not, compare with the canonical request that its own log shows.',
    ours,
  }
}

function findingOfClaim(ours: Texts, theirs: Texts, proven: boolean): string {
  if (ours.canonicalRequest === theirs.canonicalRequest)
    return 'Both canonical requests are the same, so the client signed with another secret access key.'
  return proven
    ? 'The client signed the canonical request shown, with the right secret access key: what differs below is the cause.'
    : 'The signature is not of the canonical request shown, or was made with another secret access key.'
}
