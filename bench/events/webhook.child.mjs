// A webhook that answers as it is told to: `up` takes events, `down` refuses them; `count` says how many it has taken.
import { createServer } from 'node:http'

let isUp = true
let count = 0
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    response.statusCode = isUp ? 200 : 503
    if (isUp) count++
    response.end()
  })
})
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('message', (order) => {
  if (order === 'count') process.send({ count })
  else isUp = order === 'up'
})
process.on('disconnect', () => process.exit())
