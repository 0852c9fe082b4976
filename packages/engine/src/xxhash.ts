import instantiate, { type XXHashAPI } from 'xxhash-wasm'

let loading: Promise<XXHashAPI> | undefined

/** Compiled once for all who use it. Not by a top-level await, with which nobody could `require` the engine. */
export function loadXxhash(): Promise<XXHashAPI> {
  loading ??= instantiate()
  return loading
}
