export type {
  Authenticated,
  Authenticator,
  AuthSettings,
  OpenedPayload,
  Payload,
  PayloadMode,
} from './auth/authenticate.js'
export { createAuthenticator } from './auth/create-authenticator.js'
export type { Credentials, CredentialsProvider } from './auth/credentials.js'
export { explainSignature, type RequestHead, type SignatureExplanation } from './auth/explain-signature.js'
export { formatExplanation } from './auth/format-explanation.js'
export type { Principal } from './auth/principal.js'
export type { AccessRequest, Authorize, Resource } from './authorization/access.js'
export { identityCredentials } from './authorization/identity-credentials.js'
export type { Action, Need, NeedOf, Needs, OpenToAll } from './authorization/needs.js'
export type { When } from './authorization/when.js'
export { toFetchHandler } from './fetch.js'
export { createS3Handler } from './handler.js'
export type { Lambda, LambdaEvent, LambdaReply, Lambdas } from './lambda/lambda.js'
export type { LeastRate } from './least-rate.js'
export {
  createNodeServer,
  type NodeListener,
  type NodeListenerOptions,
  toNodeListener,
} from './node.js'
export { refuseInS3sWords } from './node-refusals.js'
export { type OperationName, operations } from './operations.js'
export type { S3HandlerOptions } from './options.js'
export type { Profile } from './profile.js'
export type { AdapterRequest, AdapterResponse, S3Handler } from './request.js'
export type { RequestRecord } from './request-record.js'
export type { Alias, Row } from './route.js'
export { S3Error } from './s3-error.js'
export { type S3Code, statusOf } from './status.js'
export type { WebIdentity, WebIdentityProvider } from './sts/web-identity.js'
export type { Surface, Treatment } from './surface.js'
