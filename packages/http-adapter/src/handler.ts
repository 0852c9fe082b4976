import { type Events, isEngineError, type OpenEngine } from '@aquifer/engine'
import { type Address, readAddress } from './address.js'
import type { Authenticated, Authenticator } from './auth/authenticate.js'
import { createFindClientAddress, type FindClientAddress } from './auth/client-address.js'
import { createAuthenticator } from './auth/create-authenticator.js'
import { explainSignature } from './auth/explain-signature.js'
import { BUCKET_SESSIONS } from './auth/find-claim.js'
import { formatExplanation } from './auth/format-explanation.js'
import type { Principal } from './auth/principal.js'
import type { Authorize } from './authorization/access.js'
import { byPolicies } from './authorization/by-policies.js'
import { hideMissing } from './authorization/hide-missing.js'
import { KeptDocument } from './authorization/kept-document.js'
import { takesReplicas } from './authorization/needs.js'
import { RequestContext } from './authorization/request-context.js'
import { Rights, type Undecided } from './authorization/rights.js'
import { authenticateBy } from './caller-authentication.js'
import { checkRouted } from './check-routed.js'
import { type AnswerOrigin, createAnswerOrigin } from './cors/answer-origin.js'
import { addressAlone, authenticatedAlone, type EnclosedPut, headersOfSending } from './enclosed-put.js'
import { errorDocument, type Problem, problemOf } from './error-document.js'
import { eventOrigin } from './events/event-origin.js'
import { checkExpectedOwner } from './expected-owner.js'
import { observeBody } from './observe-body.js'
import type { Reply } from './operation.js'
import type { S3HandlerOptions } from './options.js'
import type { AdapterRequest, AdapterResponse, S3Handler } from './request.js'
import { hostId, requestIds } from './request-ids.js'
import { type Outcome, recordOf, type Trace } from './request-record.js'
import type { Row } from './route.js'
import { type Routed, route } from './router.js'
import { S3Error } from './s3-error.js'
import { mendSdkPath } from './sdk-path.js'
import { type Settings, settingsOf } from './settings.js'
import { tokenErrorDocument, tokenProblem } from './sts/token-documents.js'
import { isTokenRequest } from './sts/token-request.js'
import { refusalOf } from './surface.js'
import { refuseReplicas } from './wire/replica.js'

const anonymous: Principal = { anonymous: true, ownerId: '', displayName: '' }

/**
 * S3 over an engine, apart from any HTTP library: one neutral request in, one neutral response out. It keeps no
 * state, opens no socket, and never throws.
 *
 * @throws {TypeError} when not exactly one of `credentials` and `authenticate` is given.
 */
export function createS3Handler(engine: OpenEngine, options: S3HandlerOptions): S3Handler {
  const server = new S3Server(engine, options)
  return (request) => server.handle(request)
}

class S3Server {
  readonly #engine: OpenEngine
  readonly #options: S3HandlerOptions
  readonly #settings: Settings
  readonly #services: readonly string[]
  readonly #authenticate: Authenticator
  readonly #withoutAuthentication: Authenticator
  readonly #answerOrigin: AnswerOrigin
  readonly #authorize: Authorize
  readonly #findClientAddress: FindClientAddress
  readonly #events: Pick<Events, 'listen'> | undefined
  readonly #nextRequestId = requestIds()
  readonly #hostId = hostId()

  constructor(engine: OpenEngine, options: S3HandlerOptions) {
    if ((options.credentials === undefined) === (options.authenticate === undefined))
      throw new TypeError(
        'Give either credentials, whose keys sign requests, or an authenticate of your own.',
      )
    this.#engine = engine
    this.#options = options
    this.#settings = settingsOf(options)
    this.#services = this.#settings.profile === 'express' ? ['s3', BUCKET_SESSIONS] : ['s3']
    const { credentials, authenticate } = options
    this.#authenticate =
      credentials === undefined
        ? authenticateBy(authenticate!, options)
        : createAuthenticator({ ...options, credentials, services: this.#services })
    this.#withoutAuthentication = authenticateBy(() => anonymous, options)
    this.#answerOrigin = createAnswerOrigin(engine, this.#settings, options)
    this.#authorize = options.authorize ?? byPolicies(engine)
    this.#findClientAddress = createFindClientAddress(options.trustedProxies)
    this.#events = (engine as { events?: Events }).events
  }

  async handle(request: AdapterRequest): Promise<AdapterResponse> {
    const trace: Trace = { requestId: this.#nextRequestId(), startedAt: performance.now() }
    try {
      const reply = await this.#answer(request, trace)
      return this.#finish(request, trace, reply, await this.#forPages(request, trace, reply))
    } catch (error) {
      const isForTokens = this.#isForTokens(request, trace)
      const problem = isForTokens ? tokenProblem(problemOf(error)) : problemOf(error)
      trace.explanation = await this.#explain(problem, request, trace)
      const refusal = this.#refusal(problem, request, trace, isForTokens)
      const forPages = await this.#forPages(request, trace, refusal)
      return this.#finish(request, trace, refusal, forPages, { problem, error })
    }
  }

  /** What lets a page of another origin see the answer, if it may. */
  #forPages(request: AdapterRequest, { address }: Trace, { headers }: Reply): Promise<Reply['headers']> {
    return this.#answerOrigin(request, address, headers)
  }

  /** The order of checks is S3's: it shows in which of two errors wins. */
  async #answer(request: AdapterRequest, trace: Trace): Promise<Reply> {
    // A browser asks its preflight question without credentials.
    const authenticate = request.method === 'OPTIONS' ? this.#withoutAuthentication : this.#authenticate
    const authenticated = await authenticate(request)
    trace.principal = authenticated.principal
    const { posted } = authenticated
    if (posted === undefined) return this.#answerTo(request, trace, authenticated)
    await using form = posted
    return await this.#answerTo(request, trace, authenticated, form.key)
  }

  async #answerTo(
    request: AdapterRequest,
    trace: Trace,
    authenticated: Authenticated,
    postedKey?: string,
  ): Promise<Reply> {
    const read = readAddress(request.rawUrl, authenticated.host, this.#settings)
    const address = mendSdkPath(read, authenticated, this.#settings.domains)
    trace.address = postedKey === undefined ? address : { ...address, key: postedKey }
    const { headers, signature } = authenticated
    const routed = route(request.method, trace.address, headers, signature?.service)
    trace.operation = routed.name
    return this.#carryOut(request, trace, trace.address, authenticated, routed)
  }

  async #carryOut(
    request: AdapterRequest,
    trace: Trace,
    address: Address,
    authenticated: Authenticated,
    routed: Routed,
  ): Promise<Reply> {
    checkRouted(routed, address, authenticated)
    const { row } = routed
    const treatment = row[this.#settings.profile]
    const undecided = this.#undecided(request, trace, address, authenticated, row)
    let rights: Rights | undefined
    try {
      if (address.bucket !== '' && routed.name !== 'CreateBucket')
        await checkExpectedOwner(undecided, 'x-amz-expected-bucket-owner', address.bucket)
      const decided = this.#decide(request, authenticated, undecided, row)
      rights = decided instanceof Promise ? await decided : decided
      if (treatment.kind !== 'served' && treatment.kind !== 'neutral') throw refusalOf(treatment, row.method)
      if (!takesReplicas(row)) refuseReplicas(authenticated.headers)
      return await treatment.operation(Object.assign(undecided, { rights }))
    } catch (error) {
      await this.#checkBucketFirst(error, undecided, routed)
      throw rights === undefined ? error : await hideMissing(error, rights)
    }
  }

  /** As a request of its own, which it is but for who sent it and the log: recognised, let in and refused by itself. */
  #carryOutEnclosed(
    request: AdapterRequest,
    trace: Trace,
    address: Address,
    authenticated: Authenticated,
  ): (put: EnclosedPut) => Promise<Reply> {
    let sending: ReadonlyMap<string, string> | undefined
    return async (put) => {
      sending ??= headersOfSending(authenticated.headers)
      const alone = authenticatedAlone(authenticated, sending, put)
      const where = addressAlone(address, put)
      const routed = route('PUT', where, alone.headers)
      if (routed.name !== 'PutObject')
        throw new S3Error(
          'InvalidRequest',
          `Only PutObject can be enclosed in a request, and not ${routed.name}.`,
        )
      return this.#carryOut(request, trace, where, alone, routed)
    }
  }

  #decide(
    request: AdapterRequest,
    authenticated: Authenticated,
    undecided: Undecided,
    row: Row,
  ): Rights | Promise<Rights> {
    const { payload, query, signal } = undecided
    const context = new RequestContext({
      engine: this.#engine,
      row,
      query,
      authenticated,
      ...(payload instanceof KeptDocument ? { document: payload } : {}),
      clientAddress: () => this.#findClientAddress(request, authenticated.headers),
      now: this.#settings.now,
      signal,
    })
    const isServed = row[this.#settings.profile].kind === 'served'
    return Rights.decide(row, undecided, { authorize: this.#authorize, context, isServed })
  }

  #undecided(
    request: AdapterRequest,
    trace: Trace,
    address: Address,
    authenticated: Authenticated,
    { document }: Row,
  ): Undecided {
    const { requestId } = trace
    const { principal, headers, payload, host, secure, posted } = authenticated
    return {
      engine: this.#engine,
      requestId,
      target: { bucket: address.bucket, key: address.key },
      query: address.query,
      headers,
      payload: document === undefined ? payload : new KeptDocument(payload, document, this.#settings.now),
      principal,
      ...(posted === undefined ? {} : { posted }),
      settings: this.#settings,
      host,
      secure,
      signal: request.signal,
      origin: () =>
        eventOrigin(authenticated, {
          ...{ requestId, hostId: this.#hostId, region: this.#settings.region },
          address: this.#findClientAddress(request, headers),
        }),
      ...(this.#events && { events: this.#events }),
      received: request,
      borrowsChunks: request.borrowsChunks === true,
      carryOut: this.#carryOutEnclosed(request, trace, address, authenticated),
    }
  }

  /** A missing bucket is found before a missing right or a bad argument; who is refused anyway pays for looking. */
  async #checkBucketFirst(
    error: unknown,
    { target, signal }: Undecided,
    { name, row }: Routed,
  ): Promise<void> {
    if (target.bucket === '' || name === 'CreateBucket' || name.startsWith('Preflight')) return
    // The engine finds the bucket before all but what is wrong with the request itself.
    const { code, status } = problemOf(error)
    if (!(error instanceof S3Error) && status !== 400) return
    const isServed = ['served', 'neutral'].includes(row[this.#settings.profile].kind)
    if (!isServed && code !== 'AccessDenied') return
    try {
      await this.#engine.bucket(target.bucket).info({ signal })
    } catch (found) {
      // Anything else that is wrong with the bucket is not what this request is refused for.
      if (isEngineError(found, 'NoSuchBucket')) throw found
    }
  }

  /** Only of the request's own signature: once that is verified, it is a chunk's that does not match. */
  async #explain({ code }: Problem, request: AdapterRequest, trace: Trace): Promise<string | undefined> {
    const { credentials, explainSignatures } = this.#options
    if (!explainSignatures || credentials === undefined) return undefined
    if (code !== 'SignatureDoesNotMatch' || trace.principal !== undefined) return undefined
    try {
      return formatExplanation(
        await explainSignature(request, { ...this.#options, credentials, services: this.#services }),
      )
    } catch {
      // Whoever knows the credentials was asked a second time and failed. The refusal stands without it.
      return undefined
    }
  }

  /** Found out anew for a refusal: it may have come before the request had an address. */
  #isForTokens(request: AdapterRequest, { address }: Trace): boolean {
    const [, host] = request.rawHeaders.find(([name]) => name.toLowerCase() === 'host') ?? []
    return isTokenRequest(request, address?.host ?? host, this.#settings)
  }

  #refusal(problem: Problem, { method }: AdapterRequest, { requestId }: Trace, isForTokens: boolean): Reply {
    const { status, headers } = problem
    if (status === 304 || method === 'HEAD') return { status, headers }
    if (isForTokens) return { status, headers, body: tokenErrorDocument(problem, requestId) }
    return { status, headers, body: errorDocument(problem, requestId, this.#hostId) }
  }

  #finish(
    request: AdapterRequest,
    trace: Trace,
    reply: Reply,
    forPages: Reply['headers'],
    failure?: { problem: Problem; error: unknown },
  ): AdapterResponse {
    const isText = typeof reply.body === 'string'
    const body = isText ? Buffer.from(reply.body as string) : (reply.body as Exclude<Reply['body'], string>)
    const headers: Record<string, string> = {
      'x-amz-request-id': trace.requestId,
      'x-amz-id-2': this.#hostId,
      server: 'Aquifer',
    }
    if (isText) headers['content-type'] = 'application/xml'
    Object.assign(headers, forPages, reply.headers)
    if (body instanceof Uint8Array) headers['content-length'] = String(body.byteLength)
    else if (body === undefined && reply.status !== 204 && reply.status !== 304)
      headers['content-length'] ??= '0'
    const log = (bytes: number, error: unknown = reply.error) =>
      this.#log(request, trace, { status: reply.status, bytes, failure, error })
    if (body === undefined || request.method === 'HEAD') {
      log(0)
      return { status: reply.status, headers }
    }
    if (body instanceof Uint8Array) {
      log(body.byteLength)
      return { status: reply.status, headers, body }
    }
    return { status: reply.status, headers, body: observeBody(body, log) }
  }

  #log(request: AdapterRequest, trace: Trace, outcome: Outcome): void {
    const { log } = this.#options
    if (log === undefined) return
    const record = recordOf(request, trace, outcome)
    try {
      log(record)
    } catch {
      // The answer matters more than the line about it, and the log's owner is the only one who could mend it.
    }
  }
}
