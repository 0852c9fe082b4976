/**
 * What a listing rolls a key up into: its text up to and including the first delimiter after the prefix;
 * undefined where it has none. Source: S3 API Reference, ListObjectsV2.
 */
export function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '' || !key.startsWith(prefix)) return undefined
  const at = key.indexOf(delimiter, prefix.length)
  return at < 0 ? undefined : key.slice(0, at + delimiter.length)
}
