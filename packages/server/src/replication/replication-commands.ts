import { CommandFailure } from '../failure.js'
import { counted } from '../format.js'
import type { Desk } from '../identity/identity-command.js'
import { identityCommand } from '../identity/identity-command.js'
import { textFlag } from '../identity/identity-settings.js'
import { facts, tell } from '../identity/printing.js'
import { switchSetting } from '../settings/setting.js'
import {
  type AddSettings,
  addSettings,
  someBucketArgument,
  someTargetArgument,
  targetArgument,
  type UpdateSettings,
  updateSettings,
  type Which,
} from './replication-settings.js'
import {
  type FailureShown,
  failureLines,
  type RuleShown,
  ruleLines,
  type TargetShown,
  targetLines,
} from './replication-shown.js'
import { resyncCommand } from './resync-command.js'
import { statusCommand } from './status-command.js'
import { arnOf, arnsOf } from './which-target.js'

const url = '--url http://127.0.0.1:9000'

const secretHelp = `The secret key is read from AQUIFER_TARGET_SECRET_KEY too, or with "--secret-key -" from standard input.`

export const replicationCommands = {
  'replicate add': identityCommand({
    description:
      'Have the versions of a bucket carried over to another one, and print the ARN of that target.',
    settings: addSettings,
    more: `The target is called first: it must be there, let the key in and have versioning enabled, and so must this
bucket. The rule comes beside those that the bucket has, and carries over all that it can; for both ways give the same command on the
other side. A rule that has the same versions go to the same bucket once more is refused. ${secretHelp}

  aquifer replicate add s3://photos --target https://backup.example:9000/photos --access-key AKQ… --secret-key - ${url} < secret
  aquifer replicate add s3://photos --target http://10.0.0.7:9000/photos --access-key AKQ… --secret-key … --prefix 2026/ --bandwidth 20M ${url}

Which rights the key needs is told in docs/replication.md.`,
    async carryOut(settings, desk) {
      const answer: Added = await desk.ask('replicate/add', await addInput(settings, desk))
      tell(desk, answer, ({ target, rule }) => [
        ...targetLines(target),
        ...(rule === undefined ? ['  (no rule names it yet)'] : ruleLines(rule)),
      ])
    },
  }),
  'replicate list': identityCommand({
    description: 'List the targets and the rules of a bucket, or of all.',
    settings: { bucket: someBucketArgument },
    more: `  aquifer replicate list s3://photos ${url}`,
    async carryOut({ bucket }, desk) {
      const answer: { buckets: Listed[] } = await desk.ask('replicate/list', given({ bucket }))
      tell(desk, answer, ({ buckets }) => {
        const lines = buckets.flatMap(({ targets, rules }) => [
          ...targets.flatMap(targetLines),
          ...rules.flatMap(ruleLines),
        ])
        return lines.length === 0 ? ['Nothing is replicated.'] : lines
      })
    },
  }),
  'replicate status': statusCommand,
  'replicate resync': resyncCommand,
  'replicate update': identityCommand({
    description: 'Change where a target is, the key that is used there, or how much may go there at a time.',
    settings: updateSettings,
    more: `The target is called first, and nothing is changed where it refuses. ${secretHelp}

  aquifer replicate update s3://photos --access-key AKQ… --secret-key - ${url} < secret
  aquifer replicate update arn:minio:replication:… --bandwidth 0 ${url}`,
    async carryOut(settings, desk) {
      const change = await changeOf(settings, desk)
      if (Object.keys(change).length === 0)
        throw new CommandFailure(
          'usage',
          'There is nothing to change.',
          'Give --endpoint, --access-key or the like.',
        )
      const arn = await arnOf(settings.target, desk)
      const answer: { target: TargetShown } = await desk.ask('replicate/update', { arn, ...change })
      tell(desk, answer, ({ target }) => targetLines(target))
    },
  }),
  'replicate remove': identityCommand({
    description: 'Carry nothing over to a target any more: its rules go, the target, and what waits for it.',
    settings: {
      target: targetArgument,
      all: switchSetting('every target of the bucket, where it has several'),
    },
    more: `What is at the target already stays there.

  aquifer replicate remove s3://photos ${url}`,
    async carryOut({ target, all }, desk) {
      const arns = all ? await arnsOf(target, desk) : [await arnOf(target, desk)]
      for (const arn of arns) {
        const answer: { arn: string; rules: string[] } = await desk.ask('replicate/remove', { arn })
        tell(desk, answer, ({ rules }) => [
          `${arn} is removed.`,
          ...facts({ [rules.length === 1 ? 'rule' : 'rules']: rules.join(', ') }),
        ])
      }
    },
  }),
  'replicate failures': identityCommand({
    description: 'List the versions that were given up, with what the target said last.',
    settings: { targetArn: someTargetArgument },
    more: `A version that fails for a reason of its own is tried 50 times in the course of a day. "aquifer replicate redrive" has
those that are listed carried over again.

  aquifer replicate failures s3://photos ${url}`,
    async carryOut({ targetArn: target }, desk) {
      let isAny = false
      for (const chosen of await chosenBy(target, desk)) {
        const answer: { entries: FailureShown[]; isTruncated: boolean } = await desk.ask(
          'replicate/failures',
          chosen,
        )
        isAny ||= answer.entries.length > 0
        tell(desk, answer, ({ entries, isTruncated }) => [
          ...entries.flatMap(failureLines),
          ...(isTruncated ? ['There are more.'] : []),
        ])
      }
      if (!isAny && !desk.json) desk.say('No version was given up.')
    },
  }),
  'replicate redrive': identityCommand({
    description: 'Have versions that were given up carried over again.',
    settings: { targetArn: someTargetArgument, id: textFlag('<id>', 'this one alone, of one target') },
    more: `  aquifer replicate redrive s3://photos ${url}`,
    async carryOut({ targetArn: target, id }, desk) {
      if (id !== undefined && target === undefined)
        throw new CommandFailure('usage', '--id is of one target.', 'Name the target by its ARN as well.')
      let redriven = 0
      for (const chosen of await chosenBy(target, desk)) {
        const answer: { redriven: number } = await desk.ask('replicate/redrive', given({ ...chosen, id }))
        redriven += answer.redriven
      }
      tell(desk, { redriven }, () => [`${counted(redriven, 'version')} will be tried again.`])
    },
  }),
}

interface Added {
  target: TargetShown
  rule?: RuleShown
}

interface Listed {
  bucket: string
  targets: TargetShown[]
  rules: RuleShown[]
}

async function addInput(settings: AddSettings, desk: Desk): Promise<object> {
  const { target, targetAccessKey: accessKeyId, targetRegion: region, bandwidth, concurrency } = settings
  const { id, priority, prefix, tags, storageClass } = settings
  const { deleteMarkers, versionDeletes, existingObjects, replicaModifications } = settings
  const rule = {
    ...given({ id, priority, prefix, tags, storageClass }),
    ...{ deleteMarkers: deleteMarkers && tags === undefined, versionDeletes },
    ...{ existingObjects, replicaModifications },
  }
  return {
    bucket: settings.bucket,
    target: {
      ...target,
      accessKeyId,
      secretAccessKey: await secretOf(settings.targetSecretKey, desk),
      ...given({ region, bandwidthLimit: bandwidth || undefined, concurrency }),
      ...(settings.virtualHost && { addressing: 'virtual-host' }),
    },
    ...(settings.targetOnly ? {} : { rule }),
  }
}

async function changeOf(settings: UpdateSettings, desk: Desk): Promise<object> {
  const { endpoint, targetAccessKey, targetSecretKey, bandwidth, concurrency } = settings
  const secret = targetSecretKey === undefined ? undefined : await secretOf(targetSecretKey, desk)
  return given({
    ...{ endpoint, accessKeyId: targetAccessKey, secretAccessKey: secret },
    ...{ bandwidthLimit: bandwidth, concurrency },
  })
}

const secretOf = async (text: string, desk: Desk): Promise<string> => (text === '-' ? desk.readInput() : text)

/** Of all targets, of one, or of each of a bucket's. */
async function chosenBy(which: Which | undefined, desk: Desk): Promise<{ arn?: string }[]> {
  if (which === undefined) return [{}]
  return (await arnsOf(which, desk)).map((arn) => ({ arn }))
}

/** What is left out is not sent. */
const given = (fields: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
