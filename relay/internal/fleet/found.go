package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// eventsConfig is the stream of events: it refuses what is too much, and loses
// nothing by age, since relays let go only of what all readers are past.
func (f *Fleet) eventsConfig() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:              f.Name("events"),
		Description:       "event batches of a fleet of relays",
		Subjects:          []string{f.Subject("events")},
		Retention:         jetstream.LimitsPolicy,
		Discard:           jetstream.DiscardNew,
		Storage:           jetstream.FileStorage,
		MaxBytes:          f.options.MaxBytes,
		Replicas:          f.replicas(),
		MaxMsgs:           -1,
		MaxMsgsPerSubject: -1,
		MaxMsgSize:        -1,
		Duplicates:        time.Second, // events are told apart by their uuid, where they are read
	}
}

// The servers' codes for a stream that they will never take: more replicas than
// a single server has, and more bytes than their disks; and for one that they
// take when more of them have started.
const (
	errReplicas jetstream.ErrorCode = 10074
	errStorage  jetstream.ErrorCode = 10047
	errPeers    jetstream.ErrorCode = 10005
)

// hopeless tells whether the servers will never take what they were asked for: a
// status in the 400s is the request's fault, or of their settings.
func hopeless(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && api.ErrorCode != errPeers && (api.Code == http.StatusBadRequest || api.ErrorCode == errReplicas || api.ErrorCode == errStorage)
}

func (f *Fleet) openEvents(ctx context.Context) error {
	want := f.eventsConfig()
	stream, err := f.js.CreateStream(ctx, want)
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		stream, err = f.js.Stream(ctx, want.Name)
	}
	if hopeless(err) {
		return misfit("stream %s of %d bytes with %d replicas: %w", want.Name, want.MaxBytes, want.Replicas, err)
	}
	if err != nil {
		return fmt.Errorf("stream %s: %w", want.Name, err)
	}
	f.Events = stream
	return differences("stream "+want.Name, want, stream.CachedInfo().Config)
}

// differences says in what a stream is not as it is wanted.
func differences(what string, want, have jetstream.StreamConfig) error {
	var differ []string
	compare := func(setting string, want, have any) {
		if fmt.Sprint(want) != fmt.Sprint(have) {
			differ = append(differ, fmt.Sprintf("%s is %v, this relay wants %v", setting, have, want))
		}
	}
	compare("subjects", want.Subjects, have.Subjects)
	compare("retention", want.Retention, have.Retention)
	compare("discard", want.Discard, have.Discard)
	compare("storage", want.Storage, have.Storage)
	compare("replicas", want.Replicas, have.Replicas)
	compare("max_bytes", want.MaxBytes, have.MaxBytes)
	compare("max_age", want.MaxAge, have.MaxAge)
	compare("max_msgs", want.MaxMsgs, have.MaxMsgs)
	compare("max_msgs_per_subject", want.MaxMsgsPerSubject, have.MaxMsgsPerSubject)
	compare("max_msg_size", want.MaxMsgSize, have.MaxMsgSize)
	if len(differ) == 0 {
		return nil
	}
	return misfit("the %s exists with other settings: %s; change them with the nats tool or this relay's settings, or choose another fleet id",
		what, strings.Join(differ, "; "))
}

// DatafileHistory is how many editions of a project's datafile are remembered.
const DatafileHistory = 16

// letterBytes bounds the dead letters of all projects.
const letterBytes = 256 << 20

// bucket is a key-value bucket of the fleet.
type bucket struct {
	name   string
	opened **Bucket
	config jetstream.KeyValueConfig
}

// buckets are all on disk: a single server that starts again has forgotten a bucket in memory, and nobody could get a lease.
func (f *Fleet) buckets() []bucket {
	return []bucket{
		{"state", &f.State, jetstream.KeyValueConfig{History: 1}},
		{"letters", &f.Letters, jetstream.KeyValueConfig{History: 1, MaxBytes: letterBytes}},
		{"datafiles", &f.Datafiles, jetstream.KeyValueConfig{History: DatafileHistory}},
		{"results", &f.Results, jetstream.KeyValueConfig{History: 1}},
		{"leases", &f.leases, jetstream.KeyValueConfig{History: 1, TTL: leaseTTL}},
	}
}

func (f *Fleet) openBuckets(ctx context.Context) error {
	leader, err := f.conn.JetStream()
	if err != nil {
		return err
	}
	for _, b := range f.buckets() {
		b.config.Bucket, b.config.Replicas = f.Name(b.name), f.replicas()
		opened, err := f.js.CreateKeyValue(ctx, b.config)
		if errors.Is(err, jetstream.ErrBucketExists) {
			opened, err = f.js.KeyValue(ctx, b.config.Bucket)
		}
		if hopeless(err) {
			return misfit("bucket %s: %w", b.config.Bucket, err)
		}
		if err != nil {
			return fmt.Errorf("bucket %s: %w", b.config.Bucket, err)
		}
		status, err := opened.Status(ctx)
		if err != nil {
			return fmt.Errorf("bucket %s: %w", b.config.Bucket, err)
		}
		if status.History() != int64(b.config.History) || status.TTL() != b.config.TTL {
			return misfit("the bucket %s exists with other settings: history is %d, this relay wants %d; ttl is %v, this relay wants %v",
				b.config.Bucket, status.History(), b.config.History, status.TTL(), b.config.TTL)
		}
		stream, err := f.js.Stream(ctx, "KV_"+b.config.Bucket)
		if err != nil {
			return fmt.Errorf("bucket %s: %w", b.config.Bucket, err)
		}
		*b.opened = &Bucket{opened, stream, leader, f.MaxMessage()}
	}
	return nil
}

// checkClock compares this machine's clock with the servers': events bear the
// time at which they were kept, whichever relay kept them.
func (f *Fleet) checkClock(ctx context.Context) error {
	info, err := f.Events.Info(ctx)
	if err != nil {
		return err
	}
	if info.TimeStamp.IsZero() {
		return nil // servers before 2.10 do not tell
	}
	return skew(time.Now(), info.TimeStamp)
}

// skew says when this machine's clock is too far from the servers'.
func skew(here, there time.Time) error {
	switch ahead := here.Sub(there); {
	case ahead > maxClockSkew:
		return misfit("this machine's clock is %v ahead of the NATS servers'; set one of them right", ahead.Round(time.Second))
	case ahead < -maxClockSkew:
		return misfit("this machine's clock is %v behind the NATS servers'; set one of them right", -ahead.Round(time.Second))
	}
	return nil
}

// projectsKey holds what projects the fleet serves, as the relay that joined last had them.
const projectsKey = "projects"

// checkProjects refuses a relay that has no project in common with the fleet:
// it is another's, and would take its events for its own.
func (f *Fleet) checkProjects(ctx context.Context) error {
	entry, err := f.State.Get(ctx, projectsKey)
	if err != nil && !Missing(err) {
		return err
	}
	var theirs []string
	if err == nil {
		if err := json.Unmarshal(entry.Value(), &theirs); err != nil {
			return fmt.Errorf("key %s: %w", projectsKey, err)
		}
	}
	ours := f.options.Projects
	shared := func(project string) bool { return slices.Contains(theirs, project) }
	if len(theirs) > 0 && !slices.ContainsFunc(ours, shared) {
		return misfit("it serves %s, and this relay %s: two fleets on one NATS need an id each; if this is the same one, delete the key %s of the bucket %s",
			strings.Join(theirs, ", "), strings.Join(ours, ", "), projectsKey, f.Name("state"))
	}
	if slices.Equal(ours, theirs) {
		return nil
	}
	text, err := json.Marshal(ours)
	if err != nil {
		return err
	}
	_, err = f.State.Put(ctx, projectsKey, text)
	return err
}
