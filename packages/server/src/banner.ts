import type { RootCredentials } from './credentials.js'

export interface BannerFacts {
  url: string
  directory: string
  region: string
  credentials: RootCredentials
  /** Whether a person sees it. What is captured into a file or a log never has the secret. */
  onTerminal: boolean
}

/** What a person sees at the start: where it is, who may come in, and three commands that work when pasted. */
export function banner(facts: BannerFacts): string {
  return [
    `Aquifer serves S3 at ${facts.url} from ${facts.directory}`,
    '',
    ...keyLines(facts),
    '',
    'Paste to try it:',
    '',
    ...pasteable(facts).map((line) => `  ${line}`),
    '',
  ].join('\n')
}

function keyLines({ credentials, onTerminal }: BannerFacts): string[] {
  const { origin, accessKeyId, secretAccessKey } = credentials
  const access = `  Access key  ${accessKeyId}`
  if (origin.from === 'environment') return [access, '  Secret key  as in AQUIFER_ROOT_SECRET_KEY']
  if (!origin.isNew || !onTerminal) return [access, `  Secret key  in ${origin.path}`]
  return [access, `  Secret key  ${secretAccessKey}`, `  (shown once; kept in ${origin.path})`]
}

/** The secret is in none of them, so it does not land in a shell's history either. */
function pasteable({ url, region, credentials: { origin } }: BannerFacts): string[] {
  const environment =
    origin.from === 'file'
      ? `AWS_SHARED_CREDENTIALS_FILE=${shellWord(origin.path)}`
      : 'AWS_ACCESS_KEY_ID="$AQUIFER_ROOT_ACCESS_KEY" AWS_SECRET_ACCESS_KEY="$AQUIFER_ROOT_SECRET_KEY"'
  const credentials =
    origin.from === 'file'
      ? `fromIni({ filepath: ${JSON.stringify(origin.path)} })`
      : '{ accessKeyId: process.env.AQUIFER_ROOT_ACCESS_KEY, secretAccessKey: process.env.AQUIFER_ROOT_SECRET_KEY }'
  const remote = `:s3,provider=Other,env_auth=true,region=${region},endpoint="${url}":`
  return [
    `${environment} AWS_REGION=${region} aws --endpoint-url ${url} s3 mb s3://my-bucket`,
    `${environment} rclone lsd ${shellWord(remote)}`,
    `new S3Client({ endpoint: '${url}', region: '${region}', forcePathStyle: true, credentials: ${credentials} })`,
  ]
}

const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
