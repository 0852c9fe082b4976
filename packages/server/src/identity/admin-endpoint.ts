import { isEngineError, type OpenEngine, type Principal } from '@aquifer/engine'
import {
  type AdapterRequest,
  type AdapterResponse,
  type Authenticated,
  createAuthenticator,
  S3Error,
  type S3Handler,
  statusOf,
} from '@aquifer/http-adapter'
import { z } from 'zod'
import type { RootCredentials } from '../credentials.js'
import type { Log } from '../log.js'
import type { SignatureSettings } from '../signature-settings.js'
import { signatureSettings } from '../signature-settings.js'
import type { Administered } from './admin-action.js'
import { findAdminAction } from './admin-actions.js'
import { checkAdminRights } from './admin-rights.js'
import { knownKeys } from './known-keys.js'

export const ADMIN_PATH = '/-/admin/'
const BODY_MAX_BYTES = 256 * 1024

/**
 * Administration over HTTP: `POST /-/admin/user/add` and the like, JSON in and out. A request is signed as S3's are, in
 * its headers and over its body, and each action asks the policies of whoever signed. Nothing tells a secret but the
 * answer of the request that made it.
 */
export function adminEndpoint(
  engine: OpenEngine,
  pair: RootCredentials,
  settings: SignatureSettings,
  log: Log,
): S3Handler {
  const authenticate = createAuthenticator({
    ...signatureSettings(settings),
    signatureV2: false,
    credentials: knownKeys(engine, pair),
  })
  const administered: Administered = { engine, rootAccessKeyId: pair.accessKeyId }

  return async (request) => {
    const facts: { action?: string; accessKeyId?: string | undefined } = {}
    try {
      const authenticated = await authenticate(request)
      facts.accessKeyId = authenticated.principal.accessKeyId
      const caller = await callerOf(engine, authenticated)
      const name = actionNameIn(request)
      const action = findAdminAction(name)
      if (action === undefined || request.method !== 'POST') throw noSuchAction(request.method, name)
      facts.action = name
      const input = action.input.safeParse(await readJson(authenticated))
      if (!input.success) throw new S3Error('InvalidRequest', z.prettifyError(input.error))
      const context = contextOf(request, authenticated)
      await checkAdminRights(administered, action, input.data, { caller, context })
      const result = await action.run(administered, input.data)
      log.info({ ...facts, status: 200 }, 'administration')
      return say(200, result)
    } catch (error) {
      const { status, code, message } = problemOf(error)
      if (status >= 500) log.error({ ...facts, status, code, err: error }, 'administration')
      else log.info({ ...facts, status, code }, 'administration')
      return say(status, { error: { code, message } })
    }
  }
}

const actionNameIn = ({ rawUrl }: AdapterRequest): string => rawUrl.slice(ADMIN_PATH.length).split('?', 1)[0]!

/** Anonymous requests, and those whose signature stands in the URL or does not cover the body, are nobody's. */
async function callerOf(
  { identities }: OpenEngine,
  { principal, form, payload }: Authenticated,
): Promise<Principal> {
  if (principal.anonymous) throw new S3Error('AccessDenied', 'Administration needs a signed request.')
  if (form !== 'header' || payload.mode !== 'hashed')
    throw new S3Error('AccessDenied', 'Sign the request in its headers, and over its body.')
  if (principal.identity?.kind === 'root') return principal.identity
  const found = await identities.findAccessKey(principal.accessKeyId!)
  if (found === undefined) throw new S3Error('AccessDenied', 'The access key has just been removed.')
  return found.principal
}

async function readJson({ payload }: Authenticated): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of payload.open().body) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > BODY_MAX_BYTES)
      throw new S3Error('MaxMessageLengthExceeded', `A request has up to ${BODY_MAX_BYTES} bytes.`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
  } catch {
    throw new S3Error('InvalidRequest', 'The request is not JSON.')
  }
}

/** What conditions of policies may ask of such a request. */
function contextOf({ remoteAddress }: AdapterRequest, { secure, headers }: Authenticated) {
  const now = new Date()
  const known: Record<string, string | undefined> = {
    'aws:currenttime': now.toISOString(),
    'aws:epochtime': String(Math.floor(now.getTime() / 1_000)),
    'aws:securetransport': String(secure),
    'aws:sourceip': remoteAddress?.replace(/^::ffff:(?=\d+\.)/, ''),
    'aws:useragent': headers.get('user-agent'),
  }
  return new Map(
    Object.entries(known).flatMap(([key, value]) => (value === undefined ? [] : [[key, [value]] as const])),
  )
}

const noSuchAction = (method: string, name: string): S3Error =>
  method === 'POST'
    ? new S3Error('NotImplemented', `There is no action "${name}".`)
    : new S3Error('MethodNotAllowed', 'Actions are asked for by POST.')

function problemOf(error: unknown): { status: number; code: string; message: string } {
  if (error instanceof S3Error || (isEngineError(error) && error.code in statusOf)) {
    const { code, message } = error
    return { status: statusOf[code as keyof typeof statusOf], code, message }
  }
  if (isEngineError(error, 'ReplicationTargetRefused') || isEngineError(error, 'NoSuchReplicationTarget'))
    return {
      status: error.code === 'NoSuchReplicationTarget' ? 404 : 400,
      code: error.code,
      message: error.message,
    }
  if (isEngineError(error, 'EngineClosed')) return { status: 503, code: error.code, message: error.message }
  if (isEngineError(error)) return { status: 500, code: error.code, message: error.message }
  return {
    status: 500,
    code: 'InternalError',
    message: 'Something went wrong; the log of the server has it.',
  }
}

function say(status: number, content: unknown): AdapterResponse {
  const body = Buffer.from(`${JSON.stringify(content)}\n`)
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'content-length': String(body.byteLength),
      'cache-control': 'no-store',
    },
    body,
  }
}
