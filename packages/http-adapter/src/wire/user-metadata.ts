const prefix = 'x-amz-meta-'
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * What the client attached, by lower-case name without the prefix. Header values arrive one character a byte: bytes
 * that are UTF-8 become the text they mean, any others stay as they came.
 */
export function readUserMetadata(headers: ReadonlyMap<string, string>): Record<string, string> {
  const found: [string, string][] = []
  for (const [name, value] of headers) {
    if (name.length > prefix.length && name.startsWith(prefix))
      found.push([name.slice(prefix.length), fromLatin1(value)])
  }
  // Not by assignment: a client may name its metadata __proto__.
  return Object.fromEntries(found)
}

/** Headers for stored metadata, and how many of it no header can carry. */
export function writeUserMetadata(metadata: Readonly<Record<string, string>>): {
  headers: Record<string, string>
  missing: number
} {
  const headers: [string, string][] = []
  let missing = 0
  for (const [name, value] of Object.entries(metadata)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a header cannot hold them.
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) || /[\x00-\x08\x0a-\x1f\x7f]/.test(value)) missing++
    else
      headers.push([prefix + name.toLowerCase(), /^[\t\x20-\x7e]*$/.test(value) ? value : encodedWord(value)])
  }
  return { headers: Object.fromEntries(headers), missing }
}

/** RFC 2047, in which S3 returns what is beyond ASCII. */
const encodedWord = (value: string): string => `=?UTF-8?B?${Buffer.from(value, 'utf8').toString('base64')}?=`

function fromLatin1(value: string): string {
  if (/^[\x20-\x7e\t]*$/.test(value)) return value
  try {
    return utf8.decode(Buffer.from(value, 'latin1'))
  } catch {
    return value
  }
}
