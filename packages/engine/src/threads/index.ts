export { type EngineService, serveEngine } from './far/serve-engine.js'
export { type ConnectedEngine, connectEngine } from './near/connect-engine.js'
