import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Signer, signMessage } from '../../http-adapter/dist-test/signing-client.js'

const mainPath = fileURLToPath(new URL('../dist/main.js', import.meta.url))

export async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-serve-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** The real command in a process of its own. */
export class Running {
  readonly process: ChildProcess
  /** What ended it: its exit code, or the signal that killed it. */
  readonly ended: Promise<number | NodeJS.Signals>
  out = ''
  err = ''

  /** @param input What standard input holds. */
  constructor(
    t: TestContext,
    words: readonly string[],
    environment: Record<string, string> = {},
    input?: string,
  ) {
    // All of it must hold as well where HTTP has threads of its own.
    const { PATH, AQUIFER_HTTP_THREADS } = process.env
    const threads = AQUIFER_HTTP_THREADS === undefined ? {} : { AQUIFER_HTTP_THREADS }
    const env = { PATH, ...threads, ...environment }
    const stdin = input === undefined ? 'ignore' : 'pipe'
    this.process = spawn(process.execPath, [mainPath, ...words], { env, stdio: [stdin, 'pipe', 'pipe'] })
    // It may end before it has read all of it.
    this.process.stdin?.on('error', () => {}).end(input, 'latin1')
    this.process.stdout!.setEncoding('utf8').on('data', (text) => (this.out += text))
    this.process.stderr!.setEncoding('utf8').on('data', (text) => (this.err += text))
    this.ended = new Promise((resolve) =>
      this.process.once('close', (code, signal) => resolve(code ?? signal!)),
    )
    t.after(() => this.process.kill('SIGKILL'))
  }

  /** Waits until standard output or standard error holds this. */
  async says(what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = what.exec(this.out) ?? what.exec(this.err)
      if (found !== null) return found
      await new Promise<void>((resolve, reject) => {
        const look = () => resolve()
        this.process.stdout!.once('data', look)
        this.process.stderr!.once('data', look)
        void this.ended.then((end) =>
          reject(new Error(`It ended with ${end} and never said ${what}: ${this.err}`)),
        )
      })
    }
  }
}

export interface S3Client {
  /** A signed request whose body is still to be written. */
  open(method: string, path: string, sizeBytes?: number, headers?: Record<string, string>): ClientRequest
  /** The whole of it: status and body. */
  ask(
    method: string,
    path: string,
    body?: string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; text: string; headers: IncomingMessage['headers'] }>
}

/** Starts a server on a free port and waits until it is ready. */
export async function startServer(t: TestContext, directory: string, words: readonly string[] = []) {
  const running = new Running(t, ['serve', directory, '--port', '0', ...words])
  const url = new URL((await running.says(/Aquifer serves S3 at (\S+) from/))[1]!)
  await running.says(/"msg":"ready"/)
  return { running, url, client: clientOf(await signerOf(directory), url) }
}

/** The key pair in a data directory. */
export async function signerOf(directory: string): Promise<Signer> {
  const file = await readFile(join(directory, 'root-credentials'), 'utf8')
  return {
    accessKeyId: /aws_access_key_id = (\S+)/.exec(file)![1]!,
    secretAccessKey: /aws_secret_access_key = (\S+)/.exec(file)![1]!,
  }
}

function clientOf(signer: Signer, url: URL): S3Client {
  const open: S3Client['open'] = (method, path, sizeBytes = 0, more = {}) => {
    const asked = new URL(path, url)
    const { headers } = signMessage(signer, {
      form: 'header',
      method,
      host: url.host,
      path: asked.pathname,
      query: [...asked.searchParams],
      payload: 'unsigned',
      date: new Date(),
      headers: { 'content-length': String(sizeBytes), ...more },
    })
    return request({
      host: url.hostname,
      port: url.port,
      method,
      path,
      headers: Object.fromEntries(headers),
      agent: false,
    })
  }
  return {
    open,
    async ask(method, path, body = '', headers = {}) {
      const sent = open(method, path, Buffer.byteLength(body), headers)
      const answer = await answerTo(sent.end(body))
      return answer
    },
  }
}

export async function answerTo(sent: ClientRequest) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    sent.once('response', resolve).once('error', reject),
  )
  let text = ''
  for await (const chunk of answer.setEncoding('utf8')) text += chunk
  return { status: answer.statusCode!, text, headers: answer.headers }
}
