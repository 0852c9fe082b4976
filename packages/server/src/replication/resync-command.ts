import { setTimeout as delay } from 'node:timers/promises'
import { CommandFailure } from '../failure.js'
import { counted, formatBytes, printable } from '../format.js'
import { type Desk, identityCommand } from '../identity/identity-command.js'
import { tell } from '../identity/printing.js'
import { ProgressBar } from '../progress-bar.js'
import { resyncSettings } from './replication-settings.js'
import { type ResyncShown, resyncText, type StatusShown } from './replication-shown.js'
import { arnOf } from './which-target.js'

const LOOK_MS = 500

export const resyncCommand = identityCommand({
  description: 'Carry over anew what a bucket has, for a target that has lost what it had.',
  settings: resyncSettings,
  more: `It goes on in the server whether this command waits or not, and after a crash. The rule must carry over what is there
already: it does unless it was added with --no-existing-objects.

  aquifer replicate resync s3://photos --older-than 10d --url http://127.0.0.1:9000
  aquifer replicate resync s3://photos --status --url http://127.0.0.1:9000
  aquifer replicate resync s3://photos --cancel --url http://127.0.0.1:9000      what is in line already still goes`,
  async carryOut({ target, olderThan, wait, status, cancel, url }, desk) {
    if (status && cancel)
      throw new CommandFailure('usage', '--status and --cancel do not go together.', 'Give one of them.')
    if ((status || cancel) && olderThan !== undefined)
      throw new CommandFailure('usage', '--older-than is of a resync that begins.', 'Leave it out.')
    const arn = await arnOf(target, desk)
    if (cancel) return sayResync(desk, (await desk.ask('replicate/cancel-resync', { arn })) as Answer)
    if (status) return sayResync(desk, { resync: await findResync(arn, desk) })
    const begun: Answer = await desk.ask('replicate/resync', {
      arn,
      ...(olderThan === undefined ? {} : { olderThanMs: olderThan }),
    })
    // In a stopped server's directory nothing goes on before that is started.
    sayResync(desk, wait && url !== undefined ? { resync: await endOf(begun.resync, desk) } : begun)
  },
})

interface Answer {
  resync: ResyncShown
}

async function endOf(begun: ResyncShown, desk: Desk): Promise<ResyncShown> {
  using bar = new ProgressBar(desk.progress, 'Resyncing')
  for (let resync = begun; ; resync = await findResync(begun.arn, desk)) {
    if (resync.status !== 'ongoing' || resync.resyncId !== begun.resyncId) return resync
    bar.note(progressOf(resync))
    await delay(LOOK_MS)
  }
}

const progressOf = ({ completed, failed, key }: ResyncShown): string =>
  [
    `${counted(completed.versions, 'version')}, ${formatBytes(completed.bytes)}`,
    ...(failed.versions === 0 ? [] : [`${counted(failed.versions, 'try', 'tries')} failed`]),
    ...(key === undefined ? [] : [`at ${printable(key)}`]),
  ].join('; ')

/** @throws {@link CommandFailure} `refused` where the target had none. */
async function findResync(arn: string, desk: Desk): Promise<ResyncShown> {
  const { targets }: { targets: StatusShown[] } = await desk.ask('replicate/status', {})
  const resync = targets.find((target) => target.arn === arn)?.resync
  if (resync !== undefined) return resync
  throw new CommandFailure(
    'refused',
    `No resync of ${arn} was ever begun.`,
    '"aquifer replicate list" tells what targets there are.',
  )
}

const sayResync = (desk: Desk, answer: Answer): void =>
  tell(desk, answer.resync, (resync) => [resync.arn, `  ${resyncText(resync)}`])
