import type { NamedReplicationRule } from '../../rules/replication/choose-rules.js'
import { decodeDocument, encodeDocument } from './document.js'

/** A bucket's replication configuration, as its document has it. */
export interface ReplicationDocument {
  /** The id in the bucket's record, in hex: which setting this is. */
  readonly replicationId: string
  readonly role?: string
  /** In the order they were given, disabled ones too. */
  readonly rules: readonly NamedReplicationRule[]
}

export const encodeReplication = (
  document: ReplicationDocument,
): { value: Uint8Array; payload: Uint8Array } => encodeDocument(document)

export const decodeReplication = (
  value: Uint8Array,
  payload: Uint8Array,
  label: string,
): ReplicationDocument => decodeDocument(value, payload, label) as ReplicationDocument
