package main

import (
	"context"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/replication"
)

func init() {
	// A rule by a prefix to the target of an ARN.
	calls["replicate"] = call{3, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		rules := replication.Config{}
		err := rules.AddRule(replication.Options{
			ID:                      "minio-go",
			Priority:                "1",
			RuleStatus:              "enable",
			Prefix:                  a[2],
			DestBucket:              a[1],
			ReplicateDeletes:        "enable",
			ReplicateDeleteMarkers:  "enable",
			ExistingObjectReplicate: "enable",
		})
		if err != nil {
			return nil, err
		}
		if err := s3.SetBucketReplication(ctx, a[0], rules); err != nil {
			return nil, err
		}
		return s3.GetBucketReplication(ctx, a[0])
	}}
	calls["replication"] = call{1, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		return s3.GetBucketReplication(ctx, a[0])
	}}
	calls["check-replication"] = call{1, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		return nil, s3.CheckBucketReplication(ctx, a[0])
	}}
	calls["replication-metrics"] = call{1, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		first, err := s3.GetBucketReplicationMetrics(ctx, a[0])
		if err != nil {
			return nil, err
		}
		second, err := s3.GetBucketReplicationMetricsV2(ctx, a[0])
		return []any{first, second}, err
	}}
	calls["resync"] = call{2, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		return s3.ResetBucketReplicationOnTarget(ctx, a[0], time.Millisecond, a[1])
	}}
	calls["resync-status"] = call{2, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		return s3.GetBucketReplicationResyncStatus(ctx, a[0], a[1])
	}}
	calls["cancel-resync"] = call{2, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		return s3.CancelBucketReplicationResync(ctx, a[0], a[1])
	}}
	calls["end-replication"] = call{1, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		return nil, s3.RemoveBucketReplication(ctx, a[0])
	}}

	// What MinIO's own servers send each other: an object with the id, time and ETag that it has elsewhere.
	calls["bring"] = call{6, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		made, err := time.Parse(time.RFC3339Nano, a[4])
		if err != nil {
			return nil, err
		}
		return s3.FPutObject(ctx, a[0], a[1], a[2], minio.PutObjectOptions{
			PartSize: partSize,
			UserTags: map[string]string{"brought": "yes"},
			Internal: minio.AdvancedPutOptions{
				SourceVersionID:    a[3],
				SourceMTime:        made,
				SourceETag:         a[5],
				ReplicationStatus:  minio.ReplicationStatusReplica,
				ReplicationRequest: true,
				TaggingTimestamp:   made,
			},
		})
	}}
	// The fourth argument is when a delete marker was made, or empty for a removal.
	calls["bring-removal"] = call{4, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		made, err := time.Parse(time.RFC3339Nano, a[3])
		return nil, s3.RemoveObject(ctx, a[0], a[1], minio.RemoveObjectOptions{
			VersionID: a[2],
			Internal: minio.AdvancedRemoveOptions{
				ReplicationDeleteMarker: err == nil,
				ReplicationMTime:        made,
				ReplicationStatus:       minio.ReplicationStatusReplica,
				ReplicationRequest:      true,
			},
		})
	}}
	calls["may-bring"] = call{3, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		return s3.FPutObject(ctx, a[0], a[1], a[2], minio.PutObjectOptions{Internal: minio.AdvancedPutOptions{
			ReplicationStatus:        minio.ReplicationStatusReplica,
			ReplicationRequest:       true,
			ReplicationValidityCheck: true,
		}})
	}}
}
