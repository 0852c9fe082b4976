// boto3 in a process of its own, one call at a time.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const bridge = fileURLToPath(new URL('boto3-bridge.py', import.meta.url))

/** @param {'s3v4' | 's3' | ''} [signatureVersion] 's3' is Signature Version 2; '' leaves it to boto3. */
export const connectBoto3 =
  (python, version, signatureVersion = 's3v4') =>
  async ({ url, region, accessKeyId, secretAccessKey, sessionToken = '' }) => {
    const child = spawn(python, [bridge], {
      env: {
        ...process.env,
        BRIDGE_ENDPOINT: url,
        BRIDGE_SIGNATURE_VERSION: signatureVersion,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
        AWS_DEFAULT_REGION: region,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const ask = async (op, ...args) => {
      child.stdin.write(`${JSON.stringify({ op, args })}\n`)
      const { value, done } = await answers.next()
      if (done) throw new Error('boto3 ended.')
      const { error, result } = JSON.parse(value)
      if (error !== undefined) throw new Error(error)
      return result
    }
    assert.equal(await ask('version'), version)
    return {
      /** Any operation by its name in boto3; what it refuses rejects with the name of the error. */
      call: (operation, parameters) => ask('call', operation, parameters),
      /** The same of the Security Token Service. */
      callSts: (operation, parameters) => ask('callSts', operation, parameters),
      close: async () => child.stdin.end(),
      put: (bucket, key, path) => ask('put', bucket, key, path),
      get: (bucket, key, path) => ask('get', bucket, key, path),
      list: (bucket, prefix) => ask('list', bucket, prefix),
      copy: (bucket, from, to) => ask('copy', bucket, from, to),
      deleteAll: (bucket, prefix) => ask('deleteAll', bucket, prefix),
      presignGet: (bucket, key) => ask('presign', 'get_object', bucket, key),
      presignPut: (bucket, key) => ask('presign', 'put_object', bucket, key),
    }
  }
