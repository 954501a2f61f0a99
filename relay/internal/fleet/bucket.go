package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// partBytes is how long the parts of a blob are at most.
const partBytes = 512 << 10

// Bucket is a key-value bucket that also keeps blobs: content of any size.
type Bucket struct {
	kv       jetstream.KeyValue
	stream   jetstream.Stream      // that the bucket is made of
	leader   nats.JetStreamManager // asks the one server that has every key
	maxBytes int                   // of one value
}

// Entry is a value of a bucket's key.
type Entry struct {
	Key      string
	Value    []byte
	Revision uint64
	Created  time.Time // by the clock of the server that took it
}

// operation is the header of what is no value, but a mark that the key is gone.
const operation = "KV-Operation"

// requestTimeout bounds each request to a bucket: a server that is silent is not waited for.
const requestTimeout = 2 * time.Second

// Get returns the value of a key. Any server may be asked for it, and one that lags has an earlier one, or none yet.
func (b *Bucket) Get(ctx context.Context, key string) (jetstream.KeyValueEntry, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	return b.kv.Get(ctx, key)
}

// Newest returns the value of a key as the servers' leader has it, which takes longer.
func (b *Bucket) Newest(ctx context.Context, key string) (*Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	m, err := b.leader.GetLastMsg("KV_"+b.kv.Bucket(), b.subject(key), nats.Context(ctx))
	if errors.Is(err, nats.ErrMsgNotFound) {
		err = jetstream.ErrKeyNotFound
	}
	if err != nil {
		return nil, err
	}
	if m.Header.Get(operation) != "" {
		return nil, jetstream.ErrKeyDeleted
	}
	return &Entry{key, m.Data, m.Sequence, m.Time}, nil
}

// Put gives a key a value, whatever it has.
func (b *Bucket) Put(ctx context.Context, key string, value []byte) (revision uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	return b.kv.Put(ctx, key, value)
}

// Update gives a key a value if it is still at the revision, 0 for a key that
// must not be there. Otherwise the error is a [Conflict].
func (b *Bucket) Update(ctx context.Context, key string, value []byte, after uint64) (revision uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	if after == 0 {
		return b.kv.Create(ctx, key, value)
	}
	return b.kv.Update(ctx, key, value, after)
}

// History returns the values a key had, the oldest first. nats.go takes those that came in time for all, and none for a key that is missing.
func (b *Bucket) History(ctx context.Context, key string) ([]jetstream.KeyValueEntry, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	entries, err := b.kv.History(ctx, key)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	isMark := func(e jetstream.KeyValueEntry) bool { return e.Operation() != jetstream.KeyValuePut }
	return slices.DeleteFunc(entries, isMark), err
}

// Keys returns the keys that match.
func (b *Bucket) Keys(ctx context.Context, match string) (keys []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	lister, err := b.kv.ListKeysFiltered(ctx, match)
	if err != nil {
		return nil, err
	}
	for key := range lister.Keys() {
		keys = append(keys, key)
	}
	return keys, ctx.Err()
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
		value, err := b.part(ctx, partKey(name, part))
		if err != nil {
			return nil, fmt.Errorf("get %s: %w", name, err)
		}
		content = append(content, value...)
	}
	return content, nil
}

// part returns the value of a blob's key. That it is missing only the leader can say.
func (b *Bucket) part(ctx context.Context, key string) ([]byte, error) {
	entry, err := b.Get(ctx, key)
	if err == nil {
		return entry.Value(), nil
	}
	if !Missing(err) {
		return nil, err
	}
	newest, err := b.Newest(ctx, key)
	if err != nil {
		return nil, err
	}
	return newest.Value, nil
}

// subject is where the stream has a key.
func (b *Bucket) subject(key string) string { return "$KV." + b.kv.Bucket() + "." + key }

// key is what subject was made of.
func (b *Bucket) key(subject string) string { return strings.TrimPrefix(subject, b.subject("")) }

// DropBlob removes it. What is not there is as good as removed.
func (b *Bucket) DropBlob(ctx context.Context, name string) error {
	return b.Drop(ctx, partKey(name, "*"))
}

// DropBlobBefore removes it as it was before a revision of some key: one that was put again since then stays.
func (b *Bucket) DropBlobBefore(ctx context.Context, name string, revision uint64) error {
	return b.drop(ctx, partKey(name, "*"), jetstream.WithPurgeSequence(revision))
}

// Drop removes a key without a trace, or those that match; deleting them would
// leave a mark of each for ever.
func (b *Bucket) Drop(ctx context.Context, key string) error { return b.drop(ctx, key) }

func (b *Bucket) drop(ctx context.Context, key string, bounds ...jetstream.StreamPurgeOpt) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	if err := b.stream.Purge(ctx, append(bounds, jetstream.WithPurgeSubject(b.subject(key)))...); err != nil {
		return fmt.Errorf("drop %s: %w", key, err)
	}
	return nil
}

func partKey(name string, part any) string { return fmt.Sprintf("%s.%v", name, part) }

// Conflict tells whether a conditional write failed since another came before it.
func Conflict(err error) bool {
	code := codeOf(err)
	return code == jetstream.JSErrCodeStreamWrongLastSequence || code == jetstream.JSErrCodeStreamWrongLastSequenceConstant
}

// Full tells whether a write failed since its stream or bucket may not get larger.
func Full(err error) bool {
	const maximumBytesExceeded jetstream.ErrorCode = 10077 // for which the client has no name
	return codeOf(err) == maximumBytesExceeded
}

// codeOf returns the servers' code of an error, zero for none.
func codeOf(err error) jetstream.ErrorCode {
	api, ok := errors.AsType[jetstream.JetStreamError](err)
	if !ok || api.APIError() == nil {
		return 0
	}
	return api.APIError().ErrorCode
}

// Missing tells whether a key is not there.
func Missing(err error) bool {
	return errors.Is(err, jetstream.ErrKeyNotFound) || errors.Is(err, jetstream.ErrKeyDeleted)
}
