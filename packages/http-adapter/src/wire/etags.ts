export const quoted = (etag: string): string => `"${etag}"`

/** One ETag, without quotes and weakness. */
export const unquoted = (text: string): string => {
  const strong = text.trim().replace(/^W\//, '')
  return strong.length > 1 && strong.startsWith('"') && strong.endsWith('"') ? strong.slice(1, -1) : strong
}

/** A list as conditions hold it: ETags without quotes, separated by commas. */
export const unquotedList = (text: string): string => text.split(',').map(unquoted).join(',')
