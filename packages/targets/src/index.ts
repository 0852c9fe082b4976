export { AmqpTarget, type AmqpTargetOptions } from './brokers/amqp-target.js'
export { MissingClientError } from './brokers/load-client.js'
export { MqttTarget, type MqttTargetOptions } from './brokers/mqtt-target.js'
export { NatsTarget, type NatsTargetOptions } from './brokers/nats-target.js'
export { PostgresqlTarget, type PostgresqlTargetOptions } from './brokers/postgresql-target.js'
export { RedisTarget, type RedisTargetOptions } from './brokers/redis-target.js'
export type { RowFormat } from './brokers/row-format.js'
export { type AddressRule, addressRule } from './outgoing/address-rule.js'
export {
  OutgoingCalls,
  type OutgoingOptions,
  type OutgoingRequest,
  type OutgoingResponse,
} from './outgoing/outgoing-calls.js'
export { OutgoingError, type OutgoingErrorCode } from './outgoing/outgoing-error.js'
export type { S3ConnectionOptions } from './s3/s3-connection.js'
export { s3ReplicationTargets } from './s3/s3-replication-target.js'
export { type RequestToSign, type SigningKey, signRequest } from './signing/sign-request.js'
export { authorizationOf } from './webhook/authorization.js'
export { WebhookTarget, type WebhookTargetOptions } from './webhook/webhook-target.js'
