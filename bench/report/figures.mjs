/** The value that this share of all values does not exceed. */
export function quantile(values, share) {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

export const median = (values) => quantile(values, 0.5)

/** Three digits that mean something, with thousands set apart. */
export function inWords(value) {
  if (typeof value !== 'number') return String(value)
  const digits = value === 0 ? 1 : Math.floor(Math.log10(Math.abs(value))) + 1
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.max(0, 3 - digits) })
}
