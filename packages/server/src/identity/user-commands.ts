import { z } from 'zod'
import { switchSetting } from '../settings/setting.js'
import { identityCommand } from './identity-command.js'
import { keyFlags, nameArgument, namesFlag, textFlag } from './identity-settings.js'
import { keyInput } from './key-input.js'
import { type KeyShown, keyFacts, newKeyLines, tell, tellAll, type UserShown, userFacts } from './printing.js'

const name = nameArgument('<name>', 'the name of the user')
const required = { value: '<name>', help: 'the policy', schema: z.string('must name a policy') }

export const userCommands = {
  'user add': identityCommand({
    description: 'Add a user, with an access key, and attach policies.',
    settings: {
      name,
      displayName: textFlag('<text>', 'as owner of objects it is shown so; by default its name'),
      policy: namesFlag(
        'policies to attach, separated by commas: readonly, readwrite, writeonly, admin or yours',
      ),
      ...keyFlags,
      withoutKey: switchSetting('make no access key'),
    },
    more: `The key is shown once. A secret in a command line can be read by other users of the machine and lands in the
shell's history: leave it to be made, set AQUIFER_SECRET_KEY, or give "--secret-key -" and write it to standard input.

  aquifer user add alice --policy readwrite
  aquifer user add alice --policy readwrite --url http://127.0.0.1:9000`,
    async carryOut({ name, displayName, policy, withoutKey, ...flags }, desk) {
      const answer: { user: UserShown; accessKey?: KeyShown } = await desk.ask('user/add', {
        name,
        ...(displayName === undefined ? {} : { displayName }),
        policies: policy,
        ...(withoutKey ? {} : { accessKey: await keyInput(flags, desk) }),
      })
      tell(desk, answer, ({ user, accessKey }) => [
        ...userFacts(user),
        ...(accessKey === undefined ? [] : newKeyLines(accessKey)),
      ])
    },
  }),
  'user list': identityCommand({
    description: 'List the users.',
    settings: {},
    carryOut: (_settings, desk) =>
      tellAll<UserShown>(desk, 'user/list', {}, ({ name, enabled, policies, groups }) =>
        [name, enabled ? '' : '(disabled)', policies.join(','), groups.map((group) => `@${group}`).join(',')]
          .filter((part) => part !== '')
          .join('  '),
      ),
  }),
  'user show': identityCommand({
    description: 'Tell of a user and its access keys.',
    settings: { name },
    async carryOut({ name }, desk) {
      const answer: { user: UserShown; keys: { entries: KeyShown[]; next?: string } } = await desk.ask(
        'user/show',
        { name },
      )
      tell(desk, answer, ({ user, keys }) => [
        ...userFacts(user),
        ...keys.entries.flatMap((key) => keyFacts(key).map((line) => `  ${line}`)),
        ...(keys.next === undefined ? [] : [`  … "aquifer key list --user ${name}" has more`]),
      ])
    },
  }),
  'user remove': identityCommand({
    description: 'Remove a user, its access keys and its sessions. What it owns stays.',
    settings: { name },
    async carryOut({ name }, desk) {
      tell(desk, await desk.ask('user/remove', { name }), () => [
        `User ${name} is removed, with all its keys.`,
      ])
    },
  }),
  'user enable': identityCommand({
    description: 'Let a user in again.',
    settings: { name },
    carryOut: async ({ name }, desk) =>
      tell(desk, await desk.ask('user/enable', { name }), ({ user }: { user: UserShown }) => userFacts(user)),
  }),
  'user disable': identityCommand({
    description: 'Refuse all keys and sessions of a user, until it is enabled.',
    settings: { name },
    carryOut: async ({ name }, desk) =>
      tell(desk, await desk.ask('user/disable', { name }), ({ user }: { user: UserShown }) =>
        userFacts(user),
      ),
  }),
  'user attach': identityCommand({
    description: 'Attach a policy to a user.',
    settings: { name, policy: required },
    async carryOut({ name, policy }, desk) {
      const answer = await desk.ask('policy/attach', { name: policy, user: name })
      tell(desk, answer, () => [`Policy ${policy} is attached to user ${name}.`])
    },
  }),
  'user detach': identityCommand({
    description: 'Detach a policy from a user.',
    settings: { name, policy: required },
    async carryOut({ name, policy }, desk) {
      const answer = await desk.ask('policy/detach', { name: policy, user: name })
      tell(desk, answer, () => [`Policy ${policy} is not attached to user ${name}.`])
    },
  }),
}
