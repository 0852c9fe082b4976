import type { Engine } from '@aquifer/engine'
import { createS3Handler, S3Error, toNodeListener } from '@aquifer/http-adapter'
import express from 'express'

/** Whoever has signed in to your application; a real one looks this up in its sessions. */
const sessions = new Map([['token-of-ada', { id: 'user-1', name: 'Ada' }]])

/** S3 under `/storage` of an application that has pages and sessions of its own. */
export function createApp(engine: Engine): express.Express {
  const s3 = createS3Handler(engine, {
    basePath: '/storage',
    authenticate: ({ rawHeaders }) => {
      const [, token = ''] = rawHeaders.find(([name]) => name.toLowerCase() === 'authorization') ?? []
      const user = sessions.get(token.replace(/^Bearer /, ''))
      if (user === undefined) throw new S3Error('AccessDenied', 'Sign in first.')
      return { anonymous: false, ownerId: user.id, displayName: user.name }
    },
  })

  const app = express()
  // Before anything that reads bodies, such as express.json(): S3 takes them as streams.
  app.use('/storage', toNodeListener(s3))
  app.get('/', (_request, response) => {
    response.send('Welcome to an application with storage.')
  })
  return app
}
