export { type AddressRule, addressRule } from './outgoing/address-rule.js'
export {
  OutgoingCalls,
  type OutgoingOptions,
  type OutgoingRequest,
  type OutgoingResponse,
} from './outgoing/outgoing-calls.js'
export { OutgoingError, type OutgoingErrorCode } from './outgoing/outgoing-error.js'
export { WebhookTarget, type WebhookTargetOptions } from './webhook/webhook-target.js'
