import type { Operation, Reply } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { assumeRole, getSessionToken } from '../sts/assume-role.js'
import { assumeRoleWithWebIdentity } from '../sts/assume-role-with-web-identity.js'
import { getCallerIdentity } from '../sts/caller.js'
import { invalidParameter, TokenParameters } from '../sts/token-parameters.js'

/** Temporary credentials. Which of its actions is meant, a parameter says. */
export const securityTokenService: Operation = async (call): Promise<Reply> => {
  const parameters = await TokenParameters.read(call)
  const action = parameters.require('Action')
  switch (action) {
    case 'AssumeRole':
      return assumeRole(call, parameters)
    case 'AssumeRoleWithWebIdentity':
    case 'AssumeRoleWithClientGrants':
      return assumeRoleWithWebIdentity(call, parameters, action)
    case 'GetSessionToken':
      return getSessionToken(call, parameters)
    case 'GetCallerIdentity':
      return getCallerIdentity(call)
    case 'AssumeRoleWithLDAPIdentity':
      throw new S3Error('XMinioLDAPNotEnabled', 'LDAP must be enabled for this operation.')
    default:
      if (!OTHERS.has(action)) throw invalidParameter(`There is no action "${action}".`)
      throw new S3Error('NotImplemented', `The action ${action} is not implemented.`)
  }
}

/** Actions of AWS and AIStor that are not served. */
const OTHERS: ReadonlySet<string> = new Set([
  'AssumeRoleWithCertificate',
  'AssumeRoleWithCustomToken',
  'AssumeRoleWithSAML',
  'AssumeRoot',
  'DecodeAuthorizationMessage',
  'GetAccessKeyInfo',
  'GetFederationToken',
])
