// A server that stores nothing: PUT is read and its MD5 taken, small GETs are answered from memory and large ones
// from a file by reads of 1 MiB, a listing is the same text each time. usage: node bare-node.child.mjs DIRECTORY PORT
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const MIB = 2 ** 20
const [directory, port] = process.argv.slice(2)
mkdirSync(directory, { recursive: true })
const small = randomBytes(4 * 1_024)
const files = { medium: MIB, large: 64 * MIB }
for (const [name, sizeBytes] of Object.entries(files))
  writeFileSync(join(directory, name), randomBytes(sizeBytes))
const entry = (n) =>
  `<Contents><Key>small-${n}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;0123456789abcdef0123456789abcdef&quot;</ETag><Size>4096</Size><StorageClass>STANDARD</StorageClass></Contents>`
const listing = Buffer.from(
  `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>${Array.from({ length: 1_000 }, (_, n) => entry(n)).join('')}</ListBucketResult>`,
)
const etag = '"0123456789abcdef0123456789abcdef"'

createServer((request, response) => {
  const { method, url } = request
  if (method === 'PUT') {
    const hash = createHash('md5')
    request.on('data', (chunk) => hash.update(chunk))
    request.on('end', () => response.writeHead(200, { etag: hash.digest('hex'), 'content-length': 0 }).end())
    return
  }
  if (method === 'HEAD') {
    response.writeHead(200, { etag, 'content-length': small.length }).end()
    return
  }
  if (url.includes('list-type')) {
    response.writeHead(200, { 'content-length': listing.length }).end(listing)
    return
  }
  const name = Object.keys(files).find((each) => url.includes(`${each}-`))
  if (name === undefined) {
    response.writeHead(200, { etag, 'content-length': small.length }).end(small)
    return
  }
  response.writeHead(200, { etag, 'content-length': files[name] })
  createReadStream(join(directory, name), { highWaterMark: MIB }).pipe(response)
}).listen(Number(port), '127.0.0.1')
