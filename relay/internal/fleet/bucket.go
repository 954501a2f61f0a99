package fleet

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// partBytes is how long the parts of a blob are at most.
const partBytes = 512 << 10

// Bucket is a key-value bucket that also keeps blobs: content of any size.
type Bucket struct {
	jetstream.KeyValue
	stream   jetstream.Stream // that the bucket is made of
	maxBytes int              // of one value
}

// PutBlob keeps content in parts, under the keys NAME.0, NAME.1 and so on, and
// returns how many those are. Nobody may know the name before it returns.
func (b *Bucket) PutBlob(ctx context.Context, name string, content []byte) (parts int, err error) {
	size := min(b.maxBytes, partBytes)
	for {
		n := min(size, len(content))
		if _, err := b.Put(ctx, partKey(name, parts), content[:n]); err != nil {
			return parts, fmt.Errorf("keep %s: %w", name, err)
		}
		parts++
		if content = content[n:]; len(content) == 0 {
			return parts, nil
		}
	}
}

// Blob returns what PutBlob was given.
func (b *Bucket) Blob(ctx context.Context, name string, parts int) (content []byte, err error) {
	for part := range parts {
		entry, err := b.Get(ctx, partKey(name, part))
		if err != nil {
			return nil, fmt.Errorf("get %s: %w", name, err)
		}
		content = append(content, entry.Value()...)
	}
	return content, nil
}

// DropBlob removes it. What is not there is as good as removed.
func (b *Bucket) DropBlob(ctx context.Context, name string) error {
	return b.Drop(ctx, partKey(name, "*"))
}

// Drop removes a key without a trace, or those that match; deleting them would
// leave a mark of each for ever.
func (b *Bucket) Drop(ctx context.Context, key string) error {
	if err := b.stream.Purge(ctx, jetstream.WithPurgeSubject("$KV."+b.KeyValue.Bucket()+"."+key)); err != nil {
		return fmt.Errorf("drop %s: %w", key, err)
	}
	return nil
}

func partKey(name string, part any) string { return fmt.Sprintf("%s.%v", name, part) }

// Conflict tells whether a conditional write failed since another came before it.
func Conflict(err error) bool {
	api, ok := errors.AsType[jetstream.JetStreamError](err)
	if !ok || api.APIError() == nil {
		return false
	}
	code := api.APIError().ErrorCode
	return code == jetstream.JSErrCodeStreamWrongLastSequence || code == jetstream.JSErrCodeStreamWrongLastSequenceConstant
}

// Missing tells whether a key is not there.
func Missing(err error) bool {
	return errors.Is(err, jetstream.ErrKeyNotFound) || errors.Is(err, jetstream.ErrKeyDeleted)
}
