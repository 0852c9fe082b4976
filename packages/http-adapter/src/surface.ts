import type { Operation } from './operation.js'
import type { Profile } from './profile.js'
import { S3Error } from './s3-error.js'

/** What a profile does with an operation. */
export type Treatment =
  | { readonly kind: 'served'; readonly operation: Operation }
  /** A read of what cannot be set yet answers what S3 answers when it was never set; tools read it unasked. */
  | { readonly kind: 'neutral'; readonly operation: Operation }
  /** 501 `NotSupported`: the profile does not have it. */
  | { readonly kind: 'notSupported'; readonly message: string }
  /** 501 `NotImplemented`: the profile will have it. */
  | { readonly kind: 'notImplemented' }
  /** 405: S3 itself has no such operation. */
  | { readonly kind: 'methodNotAllowed'; readonly allow: string }

export type Surface = Readonly<Record<Profile, Treatment>>

const notImplemented: Treatment = { kind: 'notImplemented' }
const notSupported = (alternative = ''): Treatment => ({
  kind: 'notSupported',
  message: `This operation is not supported.${alternative === '' ? '' : ` ${alternative}`}`,
})
const notInExpress: Treatment = {
  kind: 'notSupported',
  message: 'This operation is not supported in S3 Express mode.',
}

/** In every profile. */
export function served(operation: Operation): Surface {
  const treatment: Treatment = { kind: 'served', operation }
  return { aistor: treatment, aws: treatment, express: treatment }
}

/** Everywhere but in S3 Express mode. */
export const servedOutsideExpress = (operation: Operation): Surface => ({
  ...served(operation),
  express: notInExpress,
})

/** A neutral read, which S3 Express mode does not have. */
export function neutral(operation: Operation): Surface {
  const treatment: Treatment = { kind: 'neutral', operation }
  return { aistor: treatment, aws: treatment, express: notInExpress }
}

/** A neutral read of what S3 Express mode has too. */
export const neutralEverywhere = (operation: Operation): Surface => ({
  ...neutral(operation),
  express: { kind: 'neutral', operation },
})

/** On the AIStor page's list of unsupported operations, or a write of a family it refuses. */
export const unsupported = (alternative?: string): Surface => ({
  aistor: notSupported(alternative),
  aws: notImplemented,
  express: notInExpress,
})

/** On the page's list as well, but a read: the whole of S3 answers it neutrally. */
export const unsupportedRead = (operation: Operation, alternative?: string): Surface => ({
  ...unsupported(alternative),
  aws: { kind: 'neutral', operation },
})

/** On the page's list, though S3 has no such operation: it has those methods of the sub-resource. */
export const unknownToS3 = (allow: string, alternative?: string): Surface => ({
  ...unsupported(alternative),
  aws: { kind: 'methodNotAllowed', allow },
})

/** To be built, for all profiles but S3 Express mode. */
export const later: Surface = { aistor: notImplemented, aws: notImplemented, express: notInExpress }

/** To be built, in S3 Express mode too. */
export const laterEverywhere: Surface = { ...later, express: notImplemented }

/** In S3 Express mode alone. */
export const servedInExpress = (operation: Operation): Surface => ({
  aistor: notSupported('It belongs to S3 Express mode.'),
  aws: notImplemented,
  express: { kind: 'served', operation },
})

/** The error a profile answers with for what it does not serve. */
export function refusalOf(
  treatment: Exclude<Treatment, { kind: 'served' | 'neutral' }>,
  method: string,
): S3Error {
  switch (treatment.kind) {
    case 'notSupported':
      return new S3Error('NotSupported', treatment.message)
    case 'notImplemented':
      return new S3Error('NotImplemented', 'This operation is not implemented.')
    case 'methodNotAllowed':
      return new S3Error(
        'MethodNotAllowed',
        'The specified method is not allowed against this resource.',
        { Method: method, AllowedMethods: treatment.allow },
        { allow: treatment.allow },
      )
  }
}
