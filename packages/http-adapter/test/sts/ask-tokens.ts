import { EXAMPLE } from '../auth/requests.js'
import { HOST, now, type Said, type StoreWithUsers } from '../authorization/store-with-users.js'
import { type Signer, signMessage, type ToSign } from '../signing-client.js'

export type Parameters = Readonly<Record<string, string>>

export interface TokenSaid extends Said {
  /** The first element of this name. */
  readonly of: (name: string) => string | undefined
}

const NAMESPACE = ' xmlns="https://sts.amazonaws.com/doc/2011-06-15/"'

const told = (said: Said): TokenSaid => ({
  ...said,
  of: (name) => new RegExp(`<${name}(?:${NAMESPACE})?>(.*?)</${name}>`, 's').exec(said.text)?.[1],
})

const form = (parameters: Parameters): Buffer =>
  Buffer.from(new URLSearchParams({ Version: '2011-06-15', ...parameters }).toString())

const contentType = 'application/x-www-form-urlencoded; charset=utf-8'

/** Asks for temporary credentials as botocore does: signed for `sts`, the hash of the body nowhere but in the signature. */
export async function askTokens(
  store: StoreWithUsers,
  parameters: Parameters,
  { signer = EXAMPLE, ...what }: Partial<ToSign> & { readonly signer?: Signer } = {},
): Promise<TokenSaid> {
  return told(
    await store.say(
      signMessage(
        { service: 'sts', ...signer },
        {
          form: 'header',
          payload: 'hashed',
          isHashUnstated: true,
          method: 'POST',
          path: '/',
          host: HOST,
          date: new Date(now),
          headers: { 'content-type': contentType },
          body: form(parameters),
          ...what,
        },
      ),
    ),
  )
}

/** The same by nobody. */
export async function askTokensUnsigned(store: StoreWithUsers, parameters: Parameters): Promise<TokenSaid> {
  const body = form(parameters)
  return told(
    await store.say({
      method: 'POST',
      rawUrl: '/',
      headers: [
        ['host', HOST],
        ['content-type', contentType],
        ['content-length', String(body.byteLength)],
      ],
      frames: [body],
    }),
  )
}

/** What was answered, as whoever asked signs with it from then on. */
export const sessionIn = ({ of }: TokenSaid): Signer & { readonly sessionToken: string } => ({
  accessKeyId: of('AccessKeyId')!,
  secretAccessKey: of('SecretAccessKey')!,
  sessionToken: of('SessionToken')!,
})
