import { CommandFailure } from '../failure.js'
import { identityCommand } from './identity-command.js'
import { nameArgument, textFlag } from './identity-settings.js'
import { facts, tell, tellAll } from './printing.js'

interface GroupShown {
  name: string
  created: string
  policies: string[]
  memberCount: number
}

const name = nameArgument('<name>', 'the name of the group')
const what = {
  policy: textFlag('<name>', 'the policy'),
  user: textFlag('<name>', 'the user'),
}

const groupFacts = ({ name, created, policies, memberCount }: GroupShown): string[] => [
  name,
  ...facts({ created, policies: policies.join(', '), members: memberCount }),
]

/** A policy or a user: what is attached to a group. */
function chosen({ policy, user }: { policy: string | undefined; user: string | undefined }) {
  if ((policy === undefined) === (user === undefined))
    throw new CommandFailure('usage', 'Give either --policy or --user.', 'A group has policies and members.')
  return policy === undefined ? { user: user! } : { policy }
}

export const groupCommands = {
  'group add': identityCommand({
    description: 'Add a group of users.',
    settings: { name },
    carryOut: async ({ name }, desk) =>
      tell(desk, await desk.ask('group/add', { name }), ({ group }: { group: GroupShown }) =>
        groupFacts(group),
      ),
  }),
  'group list': identityCommand({
    description: 'List the groups.',
    settings: {},
    carryOut: (_settings, desk) =>
      tellAll<GroupShown>(desk, 'group/list', {}, ({ name, policies, memberCount }) =>
        [name, `${memberCount} members`, policies.join(',')].filter((part) => part !== '').join('  '),
      ),
  }),
  'group show': identityCommand({
    description: 'Tell of a group and its members.',
    settings: { name },
    async carryOut({ name }, desk) {
      const { group, members }: { group: GroupShown; members: { entries: string[]; next?: string } } =
        await desk.ask('group/show', { name })
      for (let { next } = members; next !== undefined; ) {
        const more: { members: typeof members } = await desk.ask('group/show', { name, startAfter: next })
        members.entries.push(...more.members.entries)
        next = more.members.next
      }
      tell(desk, { group, members: members.entries }, ({ members }) => [
        ...groupFacts(group),
        ...members.map((member) => `    ${member}`),
      ])
    },
  }),
  'group remove': identityCommand({
    description: 'Remove a group that has no members.',
    settings: { name },
    async carryOut({ name }, desk) {
      tell(desk, await desk.ask('group/remove', { name }), () => [`Group ${name} is removed.`])
    },
  }),
  'group attach': identityCommand({
    description: 'Attach a policy to a group, or make a user its member.',
    settings: { name, ...what },
    async carryOut({ name, ...given }, desk) {
      const { policy, user } = chosen(given)
      const answer =
        policy === undefined
          ? await desk.ask('group/join', { name, user })
          : await desk.ask('policy/attach', { name: policy, group: name })
      tell(desk, answer, () => [
        policy === undefined
          ? `User ${user} is a member of group ${name}.`
          : `Policy ${policy} is attached to group ${name}.`,
      ])
    },
  }),
  'group detach': identityCommand({
    description: 'Detach a policy from a group, or take a user out of it.',
    settings: { name, ...what },
    async carryOut({ name, ...given }, desk) {
      const { policy, user } = chosen(given)
      const answer =
        policy === undefined
          ? await desk.ask('group/leave', { name, user })
          : await desk.ask('policy/detach', { name: policy, group: name })
      tell(desk, answer, () => [
        policy === undefined
          ? `User ${user} is no member of group ${name}.`
          : `Policy ${policy} is not attached to group ${name}.`,
      ])
    },
  }),
}
