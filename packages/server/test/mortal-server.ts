import { Agent, type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { type Signer, signMessage } from '../../http-adapter/dist-test/signing-client.js'
import { Running, signerOf, temporaryDirectory } from './running-server.js'

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface Asking {
  readonly query?: readonly (readonly [string, string])[]
  readonly body?: Buffer
  readonly headers?: Record<string, string>
}

/** A server that dies and comes back at the same port, and whoever asks it waits for that. */
export class Mortal {
  readonly #t: TestContext
  readonly #words: readonly string[]
  readonly directory: string
  readonly url: URL
  readonly signer: Signer
  #running: Running
  #agent = new Agent({ keepAlive: true })
  #restart: Promise<void> | undefined
  deaths = 0

  private constructor(
    t: TestContext,
    at: { words: readonly string[]; directory: string; running: Running; url: URL; signer: Signer },
  ) {
    this.#t = t
    this.#words = at.words
    this.directory = at.directory
    this.#running = at.running
    this.url = at.url
    this.signer = at.signer
    t.after(() => this.#agent.destroy())
  }

  /** @param words What `serve` is told besides. */
  static async start(t: TestContext, words: readonly string[] = []): Promise<Mortal> {
    const directory = await temporaryDirectory(t)
    const { running, url } = await serve(t, directory, ['--port', '0', ...words])
    return new Mortal(t, { words, directory, running, url, signer: await signerOf(directory) })
  }

  get pid(): number {
    return this.#running.process.pid!
  }

  /** What it has written to standard error since it was started last. */
  get complaint(): string {
    return this.#running.err
  }

  /** At once, in the midst of whatever it does; it comes back after so long. */
  kill({ downMs = 0 }: { downMs?: number } = {}): Promise<void> {
    this.#restart ??= (async () => {
      this.deaths++
      this.#running.process.kill('SIGKILL')
      await this.#running.ended
      this.#agent.destroy()
      this.#agent = new Agent({ keepAlive: true })
      await new Promise((resolve) => setTimeout(resolve, downMs))
      const again = await serve(this.#t, this.directory, ['--port', this.url.port, ...this.#words])
      this.#running = again.running
      this.#restart = undefined
    })()
    return this.#restart
  }

  /** @returns `'lost'` where the server died, or was dead, before it answered. It is back by then. */
  async ask(method: string, path: string, asking: Asking = {}): Promise<Answer | 'lost'> {
    if (this.#restart !== undefined) await this.#restart
    try {
      return await this.#send(method, path, asking)
    } catch (error) {
      // Whatever breaks a connection while nobody was killed is a fault.
      if (this.#restart === undefined) throw error
      await this.#restart
      return 'lost'
    }
  }

  async #send(method: string, path: string, asking: Asking): Promise<Answer> {
    const { host, hostname, port } = this.url
    const message = signMessage(this.signer, {
      form: 'header',
      method,
      host,
      path,
      payload: 'hashed',
      date: new Date(),
      ...asking,
    })
    const sent = request({
      hostname,
      port,
      method,
      path: message.rawUrl,
      headers: Object.fromEntries(message.headers),
      agent: this.#agent,
    })
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      sent.once('response', resolve).on('error', reject)
      sent.end(asking.body)
    })
    return { status: answer.statusCode!, headers: answer.headers, body: await buffer(answer) }
  }

  /** The same for what may be asked again. */
  async read(method: 'GET' | 'HEAD', path: string, asking: Omit<Asking, 'body'> = {}): Promise<Answer> {
    for (;;) {
      const answer = await this.ask(method, path, asking)
      if (answer !== 'lost') return answer
    }
  }
}

async function serve(t: TestContext, directory: string, words: readonly string[]) {
  const running = new Running(t, ['serve', directory, '--log', 'warn', ...words])
  const url = new URL((await running.says(/Aquifer serves S3 at (\S+) from/))[1]!)
  return { running, url }
}
