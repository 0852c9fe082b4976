import assert from 'node:assert/strict'

/** The bytes that a token stands for: its length, itself, and letters that only it has in this order. */
export function bytesOfToken(token: number, sizeBytes: number): Uint8Array {
  const head = `${token}:${sizeBytes};`
  const bytes = Buffer.alloc(sizeBytes, letters(token))
  assert.ok(bytes.write(head) === head.length, 'a token needs more bytes than that')
  return bytes
}

/** The tokens whose bytes these are, one after the other. Throws if they are torn or mixed. */
export function tokensIn(bytes: Uint8Array): string {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let tokens = ''
  for (let at = 0; at < all.byteLength; ) {
    const match = /^(\d+):(\d+);/.exec(all.toString('latin1', at, at + 30))
    if (match === null) throw new Error(`no token begins at byte ${at} of ${all.byteLength}`)
    const sizeBytes = Number(match[2])
    const wanted = bytesOfToken(Number(match[1]), sizeBytes)
    if (!all.subarray(at, at + sizeBytes).equals(wanted))
      throw new Error(`the bytes of token ${match[1]} at byte ${at} are torn or mixed`)
    tokens += `${match[1]} `
    at += sizeBytes
  }
  return tokens
}

const letters = (token: number): string => `${token.toString(36)}.`
