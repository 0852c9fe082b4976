import { identityCommand } from './identity-command.js'
import { keyFlags, nameArgument, textFlag } from './identity-settings.js'
import { keyInput } from './key-input.js'
import { type KeyShown, keyFacts, newKeyLines, tell, tellAll } from './printing.js'

const accessKeyId = nameArgument('<access-key-id>', 'the id of the access key')

const hasEnded = (time: string): boolean => Date.parse(time) <= Date.now()

export const keyCommands = {
  'key add': identityCommand({
    description: 'Add an access key for a user; with --policy-file, one that may do less than the user.',
    settings: {
      user: nameArgument('<user>', 'the name of the user'),
      ...keyFlags,
      policyFile: textFlag(
        '<file>',
        'a policy in JSON, or - for standard input: the key may do only what it allows too',
      ),
    },
    more: `The key is shown once. To change a key without a gap, add a second one, give it to the clients, then remove the first.`,
    async carryOut({ user, policyFile, ...flags }, desk) {
      const policy = policyFile === undefined ? {} : { policy: await desk.readText(policyFile) }
      const answer: { accessKey: KeyShown } = await desk.ask('key/add', {
        user,
        ...(await keyInput(flags, desk)),
        ...policy,
      })
      tell(desk, answer, ({ accessKey }) => [...keyFacts(accessKey), ...newKeyLines(accessKey)])
    },
  }),
  'key list': identityCommand({
    description: 'List access keys, those of sessions among them.',
    settings: { user: textFlag('<name>', 'of this user alone') },
    carryOut: ({ user }, desk) =>
      tellAll<KeyShown>(desk, 'key/list', user === undefined ? {} : { user }, (key) =>
        [
          key.accessKeyId,
          key.user,
          key.kind,
          key.enabled ? '' : '(disabled)',
          key.expiresAt === undefined
            ? ''
            : `${hasEnded(key.expiresAt) ? 'ended' : 'until'} ${key.expiresAt}`,
          key.description ?? '',
        ]
          .filter((part) => part !== '')
          .join('  '),
      ),
  }),
  'key show': identityCommand({
    description: 'Tell of an access key, but not its secret.',
    settings: { accessKeyId },
    carryOut: async ({ accessKeyId }, desk) =>
      tell(desk, await desk.ask('key/show', { accessKeyId }), ({ accessKey }: { accessKey: KeyShown }) =>
        keyFacts(accessKey),
      ),
  }),
  'key remove': identityCommand({
    description: 'Remove an access key. The sessions that were begun with it end.',
    settings: { accessKeyId },
    async carryOut({ accessKeyId }, desk) {
      tell(desk, await desk.ask('key/remove', { accessKeyId }), () => [
        `Access key ${accessKeyId} is removed.`,
      ])
    },
  }),
  'key enable': identityCommand({
    description: 'Take an access key again.',
    settings: { accessKeyId },
    carryOut: async ({ accessKeyId }, desk) =>
      tell(desk, await desk.ask('key/enable', { accessKeyId }), ({ accessKey }: { accessKey: KeyShown }) =>
        keyFacts(accessKey),
      ),
  }),
  'key disable': identityCommand({
    description: 'Refuse an access key, until it is enabled.',
    settings: { accessKeyId },
    carryOut: async ({ accessKeyId }, desk) =>
      tell(desk, await desk.ask('key/disable', { accessKeyId }), ({ accessKey }: { accessKey: KeyShown }) =>
        keyFacts(accessKey),
      ),
  }),
  'key rotate': identityCommand({
    description:
      'Give an access key another secret. The former one, and sessions begun with it, end at once.',
    settings: { accessKeyId, secretKey: keyFlags.secretKey },
    async carryOut({ accessKeyId, secretKey }, desk) {
      const secretAccessKey = secretKey === '-' ? await desk.readInput() : secretKey
      const answer: { accessKey: KeyShown } = await desk.ask('key/rotate', {
        accessKeyId,
        ...(secretAccessKey === undefined ? {} : { secretAccessKey }),
      })
      tell(desk, answer, ({ accessKey }) => newKeyLines(accessKey))
    },
  }),
}
