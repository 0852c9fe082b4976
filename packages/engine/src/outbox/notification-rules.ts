import { Buffer } from 'node:buffer'
import { documentKey } from '../catalog/keys.js'
import type { BucketRecord } from '../catalog/records/bucket-record.js'
import { decodeDocument } from '../catalog/records/document.js'
import type { Notification } from '../contract/events.js'
import type { Awaitable, KvStore } from '../kv/kv.js'
import { limits } from '../limits.js'
import { type EventRule, toEventRule } from '../rules/events/event-rules.js'
import { Shelf } from '../shelf.js'

/** The rules of a bucket as they are kept: with the token that the bucket's record had then. */
export interface StoredNotification extends Notification {
  readonly token: string
}

/**
 * What buckets' notification configurations ask to be told of. The bucket's record says by a token whether there is one and
 * which: where there is none, nothing is looked up. What was read is remembered by that token.
 */
export class NotificationRules {
  readonly #kv: KvStore
  readonly #known = new Shelf<readonly EventRule[]>(limits.notificationsRemembered)

  constructor(kv: KvStore) {
    this.#kv = kv
  }

  of({ bucketId, notification: token }: BucketRecord): Awaitable<readonly EventRule[] | undefined> {
    if (token === undefined) return undefined
    const name = Buffer.from(token).toString('hex')
    return this.#known.get(name) ?? this.#read(bucketId, name)
  }

  async #read(bucketId: Uint8Array, name: string): Promise<readonly EventRule[] | undefined> {
    const row = await this.#kv.get(documentKey(bucketId, 'notification'))
    const payload = row && (await this.#kv.readPayload(row.key, row.revision))
    // It was changed since the bucket was read: the commit will find so too, and read again.
    if (row === undefined || payload === undefined || payload === 'changed') return undefined
    const { token, rules } = decodeDocument(row.value, payload, 'notification') as StoredNotification
    if (token !== name) return undefined
    const compiled = rules.map((rule) => toEventRule(rule.arn, rule))
    this.#known.put(name, compiled)
    return compiled
  }
}
