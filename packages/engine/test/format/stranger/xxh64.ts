import xxhash from 'xxhash-wasm'

const { h64Raw } = await xxhash()

export const xxh64: (bytes: Uint8Array, seed: bigint) => bigint = h64Raw
