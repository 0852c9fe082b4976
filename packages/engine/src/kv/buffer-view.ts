/** The same bytes as a Buffer, for its methods; nothing is copied. */
export function bufferView(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
