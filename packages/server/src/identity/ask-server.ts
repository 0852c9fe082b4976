import { signRequest } from '@aquifer/targets'
import { CommandFailure } from '../failure.js'
import type { AdminActionName } from './admin-actions.js'
import { findAdminCredentials } from './admin-credentials.js'
import type { AdministeredSettings } from './identity-settings.js'
import { refusal } from './refusal.js'

const TIMEOUT_MS = 60_000
const ANSWER_MAX_BYTES = 64 * 1024 ** 2

/** @throws {@link CommandFailure} `refused`, `unreachable`, `credentials`. */
export async function askServer(
  settings: AdministeredSettings,
  base: URL,
  name: AdminActionName,
  input: object,
): Promise<unknown> {
  const key = await findAdminCredentials(settings)
  const body = Buffer.from(JSON.stringify(input))
  const url = new URL(`${base.pathname.replace(/\/$/, '')}/-/admin/${name}`, base)
  const headers = signRequest(
    {
      ...{ method: 'POST', host: url.host, path: url.pathname, body },
      headers: { 'content-type': 'application/json' },
    },
    key,
    { region: settings.region, now: new Date() },
  )
  const { status, text } = await send(url, { method: 'POST', headers, body })
  const answer = parse(text)
  if (status === 200 && answer !== undefined) return answer
  const { error } = (answer ?? {}) as { error?: { code: string; message: string } }
  if (error === undefined) throw notAquifer(url, status)
  if (status >= 500 && status !== 501)
    throw new CommandFailure(
      'unreachable',
      `The server answered ${error.code}: ${error.message}`,
      "See the server's log.",
    )
  throw refusal(name, error.code, error.message)
}

async function send(url: URL, request: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const response = await fetch(url, { ...request, redirect: 'error', signal })
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true })
      if (text.length > ANSWER_MAX_BYTES) throw new Error('the answer is too long')
    }
    return { status: response.status, text }
  } catch (error) {
    const { message, cause } = error as Error
    const why = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message
    throw new CommandFailure(
      'unreachable',
      `${url.origin} cannot be reached: ${why}.`,
      'Name a running server with --url, or the directory of a stopped one with --data.',
      { cause: error },
    )
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // No server of ours has sent that.
  }
}

const notAquifer = (url: URL, status: number): CommandFailure =>
  new CommandFailure(
    'unreachable',
    `${url.origin} answered ${status}, and not as an Aquifer that can be administered does.`,
    'Name the URL that "aquifer serve" prints at its start.',
  )
