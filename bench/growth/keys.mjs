/**
 * The nth key. Each is under one of 1,000 prefixes and they come in no order, so that the index has to be merged: keys
 * that come sorted are the easiest that an index can meet.
 */
export function keyOf(n) {
  const scattered = (Math.imul(n, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')
  return `${String(n % 1_000).padStart(3, '0')}/${scattered}/${n}`
}
