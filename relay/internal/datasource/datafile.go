package datasource

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/cespare/xxhash/v2"

	"sortition/wasm/engine/datafile"
)

// MaxBytes bounds a datafile.
const MaxBytes = 32 << 20

// Datafile is one datafile of one project, byte for byte as its source gave it. It never changes.
type Datafile struct {
	SDKKey    string // the configured key, whatever the datafile itself says
	Bytes     []byte
	Hash      string // xxHash64 of Bytes, 16 hex digits
	Revision  string
	ProjectID string
	Project   *datafile.Project
	Modified  time.Time // whole seconds; later than that of the datafile before it
	Announced time.Time // when a refetch was asked for that brought it; zero when it came by itself
	Brotli    []byte    // nil until compressed, soon after the datafile is published
	Gzip      []byte    // nil until compressed
}

// parse makes a Datafile of what a source gave, if the engine accepts it.
func parse(sdkKey string, body []byte, modified time.Time) (*Datafile, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, fmt.Errorf("the datafile is empty")
	}
	project, err := datafile.Parse(string(body))
	if err != nil {
		return nil, err
	}
	return &Datafile{
		SDKKey:    sdkKey,
		Bytes:     body,
		Hash:      hashOf(body),
		Revision:  project.Revision,
		ProjectID: project.ProjectID,
		Project:   project,
		Modified:  wholeSeconds(modified),
	}, nil
}

func wholeSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// hashOf is the hash by which everyone knows a datafile.
func hashOf(body []byte) string { return fmt.Sprintf("%016x", xxhash.Sum64(body)) }

// compressed returns a copy with its encodings.
func (d *Datafile) compressed() *Datafile {
	c := *d
	window := brotli.WriterOptions{Quality: brotli.DefaultCompression, LGWin: windowBits(len(d.Bytes))}
	c.Brotli = encode(d.Bytes, func(w io.Writer) io.WriteCloser { return brotli.NewWriterOptions(w, window) })
	c.Gzip = encode(d.Bytes, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	return &c
}

// windowBits is the size of the brotli window, as a power of two, that just reaches over as many bytes. A wider one finds nothing
// more, and costs memory: for a small datafile two megabytes instead of half of one.
func windowBits(size int) int {
	const narrowest, usual, gap = 10, 22, 16 // RFC 7932, section 9.1: a window is 16 bytes short of the power of two
	return min(max(bits.Len(uint(size+gap-1)), narrowest), usual)
}

func encode(data []byte, newWriter func(io.Writer) io.WriteCloser) []byte {
	var out bytes.Buffer
	w := newWriter(&out)
	_, _ = w.Write(data) // a bytes.Buffer takes everything
	_ = w.Close()
	return bytes.Clone(out.Bytes())
}

// after moves Modified past the datafile this one replaces. The official SDKs revalidate by If-Modified-Since alone, so two
// datafiles of the same second, or an older file put back, must not share or rewind the date.
func (d *Datafile) after(previous *Datafile) {
	if previous != nil && !d.Modified.After(previous.Modified) {
		d.Modified = previous.Modified.Add(time.Second)
	}
}

// reaches tells whether a datafile is at an announced revision, or past it.
func (d *Datafile) reaches(revision string) bool {
	if d == nil {
		return false
	}
	order, ok := compareRevisions(d.Revision, revision)
	return d.Revision == revision || ok && order >= 0
}

// ofEnvironment tells whether two datafiles are of the same environment: revisions of two say nothing of each other. They meet where a
// project was given another source.
func (d *Datafile) ofEnvironment(other *Datafile) bool {
	return d.ProjectID == other.ProjectID && strings.TrimSpace(d.Project.SDKKeyJSON) == strings.TrimSpace(other.Project.SDKKeyJSON)
}

// olderThan tells whether a datafile's revision comes before another's.
func (d *Datafile) olderThan(other *Datafile) bool {
	order, ok := compareRevisions(d.Revision, other.Revision)
	return ok && order < 0
}

// compareRevisions compares two revisions if both are numbers, as Optimizely's always are.
func compareRevisions(a, b string) (order int, ok bool) {
	x, errX := strconv.ParseUint(a, 10, 64)
	y, errY := strconv.ParseUint(b, 10, 64)
	if errX != nil || errY != nil {
		return 0, false
	}
	return cmp.Compare(x, y), true
}
