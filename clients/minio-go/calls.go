package main

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/tags"
)

const (
	partSize   = 5 << 20
	validFor   = 10 * time.Minute
	allObjects = ""
)

var calls = map[string]call{
	"put": {3, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		return s3.FPutObject(ctx, a[0], a[1], a[2], minio.PutObjectOptions{PartSize: partSize})
	}},
	"get": {3, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		return nil, s3.FGetObject(ctx, a[0], a[1], a[2], minio.GetObjectOptions{})
	}},
	"list": {2, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		keys := []string{}
		err := each(ctx, s3, a[0], minio.ListObjectsOptions{Prefix: a[1]}, func(object minio.ObjectInfo) {
			keys = append(keys, object.Key)
		})
		return keys, err
	}},
	"copy": {3, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		from := minio.CopySrcOptions{Bucket: a[0], Object: a[1]}
		return s3.CopyObject(ctx, minio.CopyDestOptions{Bucket: a[0], Object: a[2]}, from)
	}},
	"delete-all": {2, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		objects := s3.ListObjects(ctx, a[0], minio.ListObjectsOptions{Prefix: a[1], Recursive: true})
		for refused := range s3.RemoveObjects(ctx, a[0], objects, minio.RemoveObjectsOptions{}) {
			return nil, refused.Err
		}
		return nil, nil
	}},
	"presign-get": {2, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		signed, err := s3.PresignedGetObject(ctx, a[0], a[1], validFor, nil)
		if err != nil {
			return nil, err
		}
		return signed.String(), nil
	}},
	"presign-put": {2, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		signed, err := s3.PresignedPutObject(ctx, a[0], a[1], validFor)
		if err != nil {
			return nil, err
		}
		return signed.String(), nil
	}},

	// A bucket whose second argument is `true` can lock objects.
	"make-bucket": {2, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		return nil, s3.MakeBucket(ctx, a[0], minio.MakeBucketOptions{ObjectLocking: a[1] == "true"})
	}},
	// What it says of one object, its checksums among it.
	"stat": {2, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		return s3.StatObject(ctx, a[0], a[1], minio.StatObjectOptions{Checksum: true})
	}},
	// bucket, file, entries of the fan-out as JSON, checksum as `crc32c` or nothing.
	"fan-out": {4, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		request := minio.PutObjectFanOutRequest{}
		if err := json.Unmarshal([]byte(a[2]), &request.Entries); err != nil {
			return nil, err
		}
		file, err := os.Open(a[1])
		if err != nil {
			return nil, err
		}
		defer file.Close()
		if a[3] == "crc32c" {
			sum, err := checksumOf(a[1])
			if err != nil {
				return nil, err
			}
			request.Checksum = sum
		}
		return s3.PutObjectFanOut(ctx, a[0], file, request)
	}},
	"put-with-checksum": {4, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		return s3.FPutObject(ctx, a[0], a[1], a[2], minio.PutObjectOptions{Checksum: checksumTypes[a[3]]})
	}},
	"append": {3, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		file, err := os.Open(a[2])
		if err != nil {
			return nil, err
		}
		defer file.Close()
		found, err := file.Stat()
		if err != nil {
			return nil, err
		}
		return s3.AppendObject(ctx, a[0], a[1], file, found.Size(), minio.AppendObjectOptions{})
	}},

	"set-tags": {3, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		given := map[string]string{}
		if err := json.Unmarshal([]byte(a[2]), &given); err != nil {
			return nil, err
		}
		set, err := tags.NewTags(given, true)
		if err != nil {
			return nil, err
		}
		return nil, s3.PutObjectTagging(ctx, a[0], a[1], set, minio.PutObjectTaggingOptions{})
	}},
	"get-tags": {2, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		found, err := s3.GetObjectTagging(ctx, a[0], a[1], minio.GetObjectTaggingOptions{})
		if err != nil {
			return nil, err
		}
		return found.ToMap(), nil
	}},

	"enable-versioning": {1, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		return nil, s3.EnableVersioning(ctx, a[0])
	}},
	"list-versions": {1, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		versions := []minio.ObjectInfo{}
		options := minio.ListObjectsOptions{Prefix: allObjects, WithVersions: true}
		err := each(ctx, s3, a[0], options, func(object minio.ObjectInfo) { versions = append(versions, object) })
		return versions, err
	}},
	"delete-version": {3, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		return nil, s3.RemoveObject(ctx, a[0], a[1], minio.RemoveObjectOptions{VersionID: a[2]})
	}},

	// bucket, key, mode, seconds from now.
	"retain": {4, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		seconds, err := strconv.Atoi(a[3])
		if err != nil {
			return nil, err
		}
		mode, until := minio.RetentionMode(a[2]), time.Now().Add(time.Duration(seconds)*time.Second)
		options := minio.PutObjectRetentionOptions{Mode: &mode, RetainUntilDate: &until}
		return nil, s3.PutObjectRetention(ctx, a[0], a[1], options)
	}},
	"retention": {2, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		mode, until, err := s3.GetObjectRetention(ctx, a[0], a[1], "")
		return map[string]any{"mode": mode, "until": until}, err
	}},
	// bucket, key, ON or OFF.
	"hold": {3, func(ctx context.Context, s3 *minio.Client, a []string) (any, error) {
		status := minio.LegalHoldStatus(a[2])
		return nil, s3.PutObjectLegalHold(ctx, a[0], a[1], minio.PutObjectLegalHoldOptions{Status: &status})
	}},
}

var checksumTypes = map[string]minio.ChecksumType{
	"crc32c":    minio.ChecksumFullObjectCRC32C,
	"crc64nvme": minio.ChecksumCRC64NVME,
	"sha256":    minio.ChecksumSHA256,
}

func checksumOf(path string) (minio.Checksum, error) {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return minio.Checksum{}, err
	}
	return minio.ChecksumCRC32C.ChecksumBytes(bytes), nil
}

func each(ctx context.Context, s3 *minio.Client, bucket string, options minio.ListObjectsOptions, do func(minio.ObjectInfo)) error {
	options.Recursive = true
	for object := range s3.ListObjects(ctx, bucket, options) {
		if object.Err != nil {
			return object.Err
		}
		do(object)
	}
	return nil
}
