/** Where the next number begins. */
export interface Cursor {
  at: number
}

/** LevelDB's numbers: seven bits a byte, the lowest first. @throws RangeError where none stands. */
export function readVarint(bytes: Buffer, cursor: Cursor): number {
  let value = 0
  for (let scale = 1; scale < 2 ** 63; scale *= 128) {
    const byte = bytes.readUInt8(cursor.at++)
    value += (byte & 127) * scale
    if (byte < 128) return value
  }
  throw new RangeError('a number of more than 63 bits')
}
