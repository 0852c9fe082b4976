export { AsynchronousKvStore, type AsynchronousOptions } from './asynchronous-kv-store.js'
export { type BlobStoreSuiteOptions, blobStoreSuite } from './blob-store-suite.js'
export { CommitHistory } from './commit-history.js'
export { type Effect, type HistoryEvent, parseEvents } from './history/events.js'
export { History } from './history/history.js'
export {
  RecordedBucket,
  RecordedEngine,
  type RecordedPart,
  RecordedUpload,
} from './history/recorded-engine.js'
export { HostileIndex, type HostileIndexOptions } from './hostile-index.js'
export type { RetainedVersion } from './invariants/retained.js'
export { type AtRest, assertInvariants, findViolations } from './invariants.js'
export { type KvStoreSuiteOptions, kvStoreSuite } from './kv-store-suite.js'
export { checkLinearizability, type NotLinearizable } from './linearizability/check-linearizability.js'
export {
  type Content,
  type ObjectAnswer,
  type ObjectOperation,
  objectSpecification,
} from './linearizability/object-specification.js'
export type { HistoryEntry, Specification } from './linearizability/specification.js'
export { ReferenceModel } from './reference-model.js'
export type { ModelInfo, ModelPart, UploadTarget } from './reference-store.js'
export { seededRandom } from './seeded-random.js'
export type { DiskCall, DiskFault, DiskOperation, FaultPlan, InjectedFault } from './simulated-disk/faults.js'
export { SimulatedDisk, type SimulatedDiskOptions } from './simulated-disk/simulated-disk.js'
export { type FaultSweepOptions, sweepFaults } from './simulated-disk/sweep-faults.js'
export {
  ifCutNow,
  killed,
  openSimulatedKv,
  powerCut,
  type SimulatedKvOptions,
  type SimulatedMachine,
} from './simulated-kv.js'
export type { Violation } from './violation.js'
