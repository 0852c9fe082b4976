import type { OpenEngine, Principal } from '@aquifer/engine'
import { S3Error } from '@aquifer/http-adapter'
import type { AdminAction, Administered } from './admin-action.js'

type Context = ReadonlyMap<string, readonly string[]>

/**
 * Whoever asks must be allowed each action by name; nothing is allowed for being about oneself. A key can do what its
 * user may, so that making one is more than it seems: a service key or a session, which may be narrower than its user,
 * makes none; and for another user than oneself one must be allowed all of `admin:*`.
 *
 * @throws {@link S3Error} `AccessDenied`
 */
export async function checkAdminRights<I>(
  administered: Administered,
  action: AdminAction<I>,
  input: I,
  { caller, context }: { caller: Principal; context: Context },
): Promise<void> {
  const { engine } = administered
  for (const needed of action.needs(input)) await check(engine, caller, needed, context)
  if (caller.kind === 'root' || action.makesKeyOf === undefined) return
  if (caller.keyKind !== 'user')
    throw new S3Error('AccessDenied', 'A service key or a session makes no access keys.')
  if ((await action.makesKeyOf(administered, input)) !== caller.name)
    await check(engine, caller, 'admin:*', context)
}

async function check(engine: OpenEngine, caller: Principal, action: string, context: Context): Promise<void> {
  const { allowed } = await engine.can(caller, action, 'arn:aws:s3:::*', context)
  if (!allowed) throw new S3Error('AccessDenied', `It needs to be allowed ${action}.`)
}
