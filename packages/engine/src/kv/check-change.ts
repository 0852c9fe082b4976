import { keyText } from './key-text.js'
import type { Change, KvLimits } from './kv.js'

/** Refuses a change that no store has to carry out. A caller's slip, so a RangeError. */
export function checkChange(change: Change, limits: KvLimits): void {
  const { checks, puts, deletes } = change
  const rows = puts.length + deletes.length
  if (rows > limits.commitRows || checks.length > limits.commitRows)
    throw new RangeError(`A commit holds at most ${limits.commitRows} rows and as many checks.`)
  let bytes = 0
  let payloadBytes = 0
  for (const put of puts) {
    checkKey(put.key, limits)
    if (put.value.byteLength > limits.valueBytes)
      throw new RangeError(`A value of ${put.value.byteLength} bytes exceeds ${limits.valueBytes}.`)
    const payload = put.payload?.byteLength ?? 0
    if (payload > limits.payloadBytes)
      throw new RangeError(`A payload of ${payload} bytes exceeds ${limits.payloadBytes}.`)
    bytes += put.key.byteLength + put.value.byteLength
    payloadBytes += payload
  }
  for (const key of deletes) {
    checkKey(key, limits)
    bytes += key.byteLength
  }
  for (const { key } of checks) checkKey(key, limits)
  if (bytes > limits.commitBytes)
    throw new RangeError(`A commit of ${bytes} bytes of keys and values exceeds ${limits.commitBytes}.`)
  if (payloadBytes > limits.commitPayloadBytes)
    throw new RangeError(
      `A commit of ${payloadBytes} bytes of payloads exceeds ${limits.commitPayloadBytes}.`,
    )
  if (rows > 1) checkKeysDiffer(change)
}

function checkKey(key: Uint8Array, limits: KvLimits): void {
  if (key.byteLength === 0) throw new RangeError('A key is at least one byte long.')
  if (key.byteLength > limits.keyBytes)
    throw new RangeError(`A key of ${key.byteLength} bytes exceeds ${limits.keyBytes}.`)
}

function checkKeysDiffer({ puts, deletes }: Change): void {
  const keys = new Set<string>()
  for (const { key } of puts) keys.add(keyText(key))
  for (const key of deletes) keys.add(keyText(key))
  if (keys.size < puts.length + deletes.length) throw new RangeError('A commit names each key at most once.')
}
