import { z } from 'zod'
import { CommandFailure } from '../failure.js'
import { switchSetting } from '../settings/setting.js'
import { identityCommand } from './identity-command.js'
import { nameArgument, textFlag } from './identity-settings.js'
import { facts, tell, tellAll } from './printing.js'

interface PolicyShown {
  name: string
  isBuiltIn: boolean
  document?: string
  created?: string
  updated?: string
  attachmentCount?: number
}

interface Explained {
  who: { kind: string; name: string }
  action: string
  resource: string
  allowed: boolean
  reason: string
  by?: { policy: string; statement: number; sid?: string }
  boundary?: string[]
}

const name = nameArgument('<name>', 'the name of the policy')
const holder = {
  user: textFlag('<name>', 'the user'),
  group: textFlag('<name>', 'the group'),
}

const policyFacts = ({ name, isBuiltIn, created, updated, attachmentCount }: PolicyShown): string[] => [
  `${name}${isBuiltIn ? ' (built in)' : ''}`,
  ...facts({ created, updated, 'attached to': attachmentCount }),
]

/** Exactly one of them. */
function chosen({ user, group }: { user: string | undefined; group: string | undefined }) {
  if ((user === undefined) === (group === undefined))
    throw new CommandFailure(
      'usage',
      'Give either --user or --group.',
      'A policy is attached to one at a time.',
    )
  return user === undefined ? { group: group! } : { user }
}

const holderText = ({ user, group }: { user?: string; group?: string }): string =>
  user === undefined ? `group ${group}` : `user ${user}`

export const policyCommands = {
  'policy add': identityCommand({
    description: 'Add a policy from a file, or replace one.',
    settings: {
      name,
      file: nameArgument('<file>', 'its document in JSON, or - for standard input'),
      replace: switchSetting('replace the document of a policy that is there'),
    },
    async carryOut({ name, file, replace }, desk) {
      const document = await desk.readText(file)
      const answer: { policy: PolicyShown } = await desk.ask('policy/add', { name, document, replace })
      tell(desk, answer, ({ policy }) => policyFacts(policy))
    },
  }),
  'policy list': identityCommand({
    description: 'List the policies, the built-in ones among them.',
    settings: {},
    carryOut: (_settings, desk) =>
      tellAll<PolicyShown>(desk, 'policy/list', {}, ({ name, isBuiltIn, attachmentCount }) =>
        isBuiltIn ? `${name}  built in` : `${name}  attached to ${attachmentCount}`,
      ),
  }),
  'policy show': identityCommand({
    description: "Tell of a policy; its document is the answer's last line.",
    settings: { name },
    carryOut: async ({ name }, desk) =>
      tell(desk, await desk.ask('policy/show', { name }), ({ policy }: { policy: PolicyShown }) => [
        ...policyFacts(policy),
        policy.document!,
      ]),
  }),
  'policy remove': identityCommand({
    description: 'Remove a policy that is attached to nobody.',
    settings: { name },
    async carryOut({ name }, desk) {
      tell(desk, await desk.ask('policy/remove', { name }), () => [`Policy ${name} is removed.`])
    },
  }),
  'policy attach': identityCommand({
    description: 'Attach a policy to a user or a group.',
    settings: { name, ...holder },
    async carryOut({ name, ...given }, desk) {
      const to = chosen(given)
      const answer = await desk.ask('policy/attach', { name, ...to })
      tell(desk, answer, () => [`Policy ${name} is attached to ${holderText(to)}.`])
    },
  }),
  'policy detach': identityCommand({
    description: 'Detach a policy from a user or a group.',
    settings: { name, ...holder },
    async carryOut({ name, ...given }, desk) {
      const from = chosen(given)
      const answer = await desk.ask('policy/detach', { name, ...from })
      tell(desk, answer, () => [`Policy ${name} is not attached to ${holderText(from)}.`])
    },
  }),
  'policy explain': identityCommand({
    description: 'Tell whether a key, a user or anybody may do something, and which statement decides.',
    settings: {
      action: nameArgument('<action>', 'such as s3:GetObject'),
      resource: nameArgument('<resource>', 'a bucket, BUCKET/KEY, an ARN, or * for what is of no bucket'),
      key: textFlag('<access-key-id>', 'whoever signs with this key'),
      user: textFlag('<name>', 'this user; with neither, somebody who does not sign'),
      context: {
        value: '<pairs>',
        help: 'what the request would say, such as aws:SourceIp=10.0.0.1,s3:prefix=a/',
        default: '',
        schema: z.string().transform((text, context) => {
          const pairs = text.split(',').filter((pair) => pair !== '')
          if (pairs.every((pair) => pair.indexOf('=') > 0))
            return Object.fromEntries(
              pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
            )
          context.addIssue('must be KEY=VALUE, separated by commas')
          return z.NEVER
        }),
      },
    },
    more: `  aquifer policy explain s3:GetObject photos/cat.jpg --user alice
  aquifer policy explain s3:PutObject photos/cat.jpg --key AKQ… --context aws:SourceIp=192.0.2.7`,
    async carryOut({ action, resource, key, user, context }, desk) {
      if (key !== undefined && user !== undefined)
        throw new CommandFailure('usage', 'Give --key or --user, not both.', 'A key belongs to one user.')
      const answer: Explained = await desk.ask('policy/explain', {
        action,
        resource,
        context,
        ...(key === undefined ? {} : { accessKeyId: key }),
        ...(user === undefined ? {} : { user }),
      })
      tell(desk, answer, explanation)
    },
  }),
}

function explanation({ who, action, resource, allowed, reason, by, boundary }: Explained): string[] {
  const subject = who.kind === 'anonymous' ? 'Who does not sign' : who.kind === 'root' ? 'Root' : who.name
  const statement =
    by && `${by.sid === undefined ? '' : `"${by.sid}", `}statement ${by.statement} of ${by.policy}`
  const because: Record<string, string> = {
    root: 'Root needs no policy.',
    allow: `It is allowed by ${statement}.`,
    'explicit-deny': `It is denied by ${statement}.`,
    'implicit-deny':
      boundary === undefined
        ? 'No statement allows it, or the key or user is disabled or has expired.'
        : `What would have to allow it as well does not: ${boundary.join(', ')}.`,
  }
  return [
    `${subject} ${allowed ? 'may' : 'may not'} ${action} on ${resource}.`,
    `  ${because[reason] ?? reason}`,
  ]
}
