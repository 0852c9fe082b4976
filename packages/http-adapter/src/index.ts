export type {
  Authenticated,
  Authenticator,
  AuthSettings,
  OpenedPayload,
  Payload,
  PayloadMode,
  Principal,
} from './auth/authenticate.js'
export { createAuthenticator } from './auth/create-authenticator.js'
export type { Credentials, CredentialsProvider } from './auth/credentials.js'
export type { AdapterRequest, AdapterResponse } from './request.js'
export { S3Error } from './s3-error.js'
