// A server that others wrote and that speaks S3: moto, with everything in its memory.
import { spawn } from 'node:child_process'
import { createServer, request } from 'node:http'

const startTimeoutMs = 60_000

/** Its URL, once it listens. It ends with the test. */
export async function startMoto(t, python) {
  const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => child.kill())
  let output = ''
  return new Promise((resolve, reject) => {
    const refuse = (why) => reject(new Error(`moto ${why}\n${output.slice(-4_000)}`))
    const timer = setTimeout(() => refuse('does not say where it listens.'), startTimeoutMs)
    child.once('error', reject)
    child.once('close', (code, signal) => refuse(`ended (${code ?? signal}).`))
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
        const found = /Running on (http:\/\/\S+)/.exec(output)
        if (found === null) return
        clearTimeout(timer)
        resolve(found[1])
      })
  })
}

/**
 * Stands before a server and has it fail: `fails` says of each request whether.
 *
 * @param {(method: string, url: string) => boolean} fails
 */
export async function standBefore(t, url, fails) {
  const { hostname, port } = new URL(url)
  const proxy = createServer((asked, answer) => {
    if (fails(asked.method, asked.url)) {
      asked.resume()
      answer.writeHead(500, { 'content-type': 'application/xml' })
      answer.end('<Error><Code>InternalError</Code><Message>It is not its day.</Message></Error>')
      return
    }
    const { method, url: path, headers } = asked
    const passed = request({ hostname, port, method, path, headers }, (response) => {
      answer.writeHead(response.statusCode, response.headers)
      response.pipe(answer)
    })
    passed.on('error', () => answer.destroy())
    asked.pipe(passed)
  })
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  return `http://127.0.0.1:${proxy.address().port}`
}
