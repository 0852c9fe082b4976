// aws-cli with settings of its own: keys, region, nothing of whoever runs it.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram, run } from './harness/programs.mjs'

export const awsCli = findProgram('aws')

/** How many requests `aws s3` has under way at once, by default. */
export const awsCliConcurrency = 10

let configurations = 0

/**
 * @param {object} place
 * @param {Record<string, string | undefined>} [settings] aws-cli's settings for S3, such as max_bandwidth.
 * @returns a function that runs `aws` with some arguments and resolves to its standard output
 */
export async function connectAwsCli(
  { url, region, accessKeyId, secretAccessKey, sessionToken = '', folder },
  settings = {},
) {
  const config = join(folder, `aws-config-${configurations++}`)
  // Left alone, version 1 presigns for an endpoint of one's own by the old signature version 2.
  const lines = Object.entries({ signature_version: 's3v4', ...settings })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  ${name} = ${value}`)
  await writeFile(config, `[default]\n${lines.length === 0 ? '' : `s3 =\n${lines.join('\n')}\n`}`)
  const env = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_DEFAULT_REGION: region,
    AWS_CONFIG_FILE: config,
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
    AWS_PAGER: '',
  }
  return (args, options) => run(awsCli, ['--endpoint-url', url, ...args], { env, ...options })
}
