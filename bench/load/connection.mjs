// One connection that asks and waits, with as little work as can be: the load must not be the limit.
import { connect } from 'node:net'

const READ_BYTES = 256 * 1_024
const headEnd = Buffer.from('\r\n\r\n')
const nothing = Buffer.alloc(0)

/** Opens a connection; `ask(head, body)` resolves to what was answered, its body counted and thrown away. */
export async function openConnection({ hostname, port }) {
  let answer // Under way.
  let left = nothing

  const finish = () => {
    const { resolve, status, bytes, text } = answer
    answer = undefined
    resolve({ status, bytes, text: text.join('') })
  }
  const fail = (error) => {
    answer?.reject(error)
    answer = undefined
  }
  const receive = (chunk) => {
    if (answer === undefined) return
    if (answer.status === undefined) {
      const seen = left.length === 0 ? chunk : Buffer.concat([left, chunk])
      const end = seen.indexOf(headEnd)
      if (end < 0) {
        left = Buffer.from(seen)
        return
      }
      readHead(answer, seen.toString('latin1', 0, end))
      chunk = seen.subarray(end + headEnd.length)
      left = nothing
    }
    if (answer.isChunked) readChunks(answer, chunk)
    else take(answer, chunk)
    if (answer.isChunked ? answer.isDone : answer.bytes >= answer.length) finish()
  }

  // All is read into one piece of memory: a fresh one for each read would cost more than the reading.
  const onread = {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback(length, buffer) {
      receive(buffer.subarray(0, length))
      return true
    },
  }
  const socket = connect({ host: hostname, port: Number(port), noDelay: true, onread })
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('The server closed the connection before it had answered.')))

  return {
    ask(head, body, { keepsText = false } = {}) {
      return new Promise((resolve, reject) => {
        answer = { resolve, reject, isHead: head.startsWith('HEAD'), keepsText, text: [], bytes: 0 }
        socket.cork()
        socket.write(head, 'latin1')
        if (body !== undefined) socket.write(body)
        socket.uncork()
      })
    },
    close: () => socket.destroy(),
  }
}

function readHead(answer, head) {
  answer.status = Number(head.slice(9, 12))
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)
  answer.isChunked = !answer.isHead && length === null && /\r\ntransfer-encoding: *chunked/i.test(head)
  answer.length = answer.isHead || length === null ? 0 : Number(length[1])
  answer.rest = nothing
}

function take(answer, bytes) {
  answer.bytes += bytes.length
  if (answer.keepsText || answer.status >= 300) answer.text.push(bytes.toString('utf8'))
}

function readChunks(answer, bytes) {
  let rest = answer.rest.length === 0 ? bytes : Buffer.concat([answer.rest, bytes])
  while (!answer.isDone) {
    const lineEnd = rest.indexOf('\r\n')
    if (lineEnd < 0) break
    const length = Number.parseInt(rest.toString('latin1', 0, lineEnd), 16)
    if (rest.length < lineEnd + 2 + length + 2) break
    take(answer, rest.subarray(lineEnd + 2, lineEnd + 2 + length))
    rest = rest.subarray(lineEnd + 2 + length + 2)
    answer.isDone = length === 0
  }
  answer.rest = rest.length === 0 ? nothing : Buffer.from(rest)
}
