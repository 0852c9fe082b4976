import { type AddressSettings, readAddress } from '../address.js'
import type { Authenticated } from '../auth/authenticate.js'
import { principalOf } from '../auth/credentials.js'
import { twoMechanisms } from '../auth/find-claim.js'
import { missingField } from '../auth/form-claim.js'
import type { Principal } from '../auth/principal.js'
import type { FormSigner } from '../auth/verify-form.js'
import type { AdapterRequest } from '../request.js'
import { invalidArgument, S3Error } from '../s3-error.js'
import { checkForm, sizeRangeOf } from './check-form.js'
import { checkTakesList, FAN_OUT_LIST, FanOutList } from './fan-out-list.js'
import { FilePayload } from './file-payload.js'
import { formHeaders } from './form-headers.js'
import { FILE, type FormField, FormReader, malformedForm, notOneFile } from './form-reader.js'
import { parsePostPolicy } from './post-policy.js'

export interface FormSettings {
  readonly address: AddressSettings
  readonly now: () => number
  readonly fanOutEntriesMax: number
  /** Absent where callers say themselves who asks: a form's policy then binds, and its signature says nothing. */
  readonly verify?: (
    fields: ReadonlyMap<string, string>,
    request: AdapterRequest,
  ) => Promise<FormSigner | undefined>
}

/**
 * The last step of authentication: where a request brings a form, its fields say who asks and what is written. The fields
 * are read and its policy is checked here, once, before anything is decided; the file waits until it is opened.
 *
 * @throws {@link S3Error} what the form is refused with.
 */
export async function receiveForm(
  request: AdapterRequest,
  authenticated: Authenticated,
  settings: FormSettings,
): Promise<Authenticated> {
  const contentType = authenticated.headers.get('content-type') ?? ''
  if (request.method !== 'POST' || !/^multipart\/form-data[ \t]*(?:;|$)/i.test(contentType))
    return authenticated
  const { level, bucket } = readAddress(request.rawUrl, authenticated.host, settings.address)
  if (level !== 'bucket') return authenticated
  if (authenticated.payload.mode !== 'unsigned' && authenticated.payload.mode !== 'hashed')
    throw new S3Error('InvalidRequest', 'A form cannot be sent as aws-chunked.')

  const reader = new FormReader(authenticated.payload.open().body, contentType, STREAMED)
  try {
    const fields = uniqueFields(await reader.readFields())
    const principal = whoSigned(authenticated, await settings.verify?.(fields, request))
    const policyText = fields.get('policy')
    const policy = policyText === undefined ? { expiration: 0, conditions: [] } : parsePostPolicy(policyText)
    const isKeyPinned = policy.conditions.some(
      (condition) => condition.kind === 'eq' && condition.field === 'key',
    )
    const check = (key: string): void => {
      if (policyText === undefined) return
      checkForm(policy, { fields: new Map(fields).set('key', key), bucket }, settings.now())
    }
    const { file, fanOut } = await readUpToFile(reader, settings, () => {
      checkTakesList(principal, isKeyPinned)
      const key = keyOf(fields)
      if (key !== undefined) check(key)
    })
    const key = keyOf(fields, file.filename)
    check(key)
    const headers = formHeaders(authenticated.headers, fields)
    return {
      ...authenticated,
      principal,
      form: 'post',
      // The list is a field like others, by whose presence the operation is known.
      headers: fanOut.length === 0 ? headers : new Map(headers).set(FAN_OUT_LIST, ''),
      payload: new FilePayload(file.bytes, sizeRangeOf(policy)),
      posted: {
        fields,
        key,
        ...(fanOut.length === 0 ? {} : { fanOut }),
        [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
      },
    }
  } catch (error) {
    await reader[Symbol.asyncDispose]()
    throw error
  }
}

const STREAMED: ReadonlySet<string> = new Set([FILE, FAN_OUT_LIST])

/** @param beforeList Called before anything of a list is held: whose form it is, and what for, is known by then. */
async function readUpToFile(reader: FormReader, { fanOutEntriesMax }: FormSettings, beforeList: () => void) {
  const list = new FanOutList(fanOutEntriesMax, beforeList)
  for (;;) {
    const part = await reader.nextPart()
    if (part === undefined) throw notOneFile(0)
    if (part.name === FILE) return { file: part, fanOut: list.entries() }
    await list.take(part.bytes)
  }
}

/** Of two of a name, one would be checked and the other used. */
function uniqueFields(all: readonly FormField[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const [name, value] of all) {
    if (fields.has(name) && !name.startsWith('x-ignore-'))
      throw invalidArgument(`The form has more than one field named '${name}'.`, name, value)
    fields.set(name, value)
  }
  return fields
}

function whoSigned({ principal }: Authenticated, signer: FormSigner | undefined): Principal {
  if (signer === undefined) return principal
  if (!principal.anonymous) throw twoMechanisms(undefined)
  return principalOf(signer.accessKeyId, signer.credentials)
}

/**
 * Of a path that a client puts before the file's name, in whichever way it writes paths, the name counts. Undefined as
 * long as the key depends on a name that is not there yet.
 */
function keyOf(fields: ReadonlyMap<string, string>): string | undefined
function keyOf(fields: ReadonlyMap<string, string>, filename: string): string
function keyOf(fields: ReadonlyMap<string, string>, filename?: string): string | undefined {
  const key = fields.get('key')
  if (key === undefined || key === '') throw missingField('key')
  // biome-ignore lint/suspicious/noTemplateCurlyInString: so S3 spells it.
  if (filename === undefined) return key.includes('${filename}') ? undefined : key
  const name = filename.slice(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1)
  // biome-ignore lint/suspicious/noTemplateCurlyInString: so S3 spells it.
  const named = key.replaceAll('${filename}', () => name)
  // A name that was no UTF-8, as old pages send it: nothing is to be stored under one that nobody sent.
  if (named !== key && name.includes('\ufffd')) throw malformedForm()
  return named
}
