import type { Row } from '@aquifer/http-adapter'
import type { ToSign } from './signing-client.js'

/** The request that a row of the table recognises. */
export function requestFor(row: Row): Pick<ToSign, 'method' | 'path' | 'query' | 'headers'> {
  const [path = '', query = ''] = row.route
    .split(' ')[1]!
    .replace('{b}', 'bucket')
    .replace('{k}', 'key')
    .split('?')
  return {
    method: row.method,
    path,
    query: query
      .split('&')
      .filter(Boolean)
      .map((name) => [name, name === 'partNumber' ? '1' : '']),
    headers: Object.fromEntries(
      row.headers
        .filter(({ name }) => name !== 'host')
        .map(({ name, value }) => [name, value || '/bucket/key']),
    ),
  }
}
