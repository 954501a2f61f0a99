package datasource

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// How many datafiles of a project are kept on disk, and how many bytes of them. The newest is always kept.
const (
	historyLength = 16
	historyBytes  = 64 << 20
)

// Past is a datafile that was in force, or is.
type Past struct {
	Revision string
	Hash     string
	Bytes    int64
	Since    time.Time // when it came

	file string // its name, which has only the beginning of a long revision
}

// Text is a datafile of the history as it lies there, unread.
type Text struct {
	Hash  string
	Bytes []byte
}

// history is a folder of datafiles, each named by its hash and revision and as old as its coming.
type history struct{ dir string }

func newHistory(dir, sdkKey string) history {
	return history{filepath.Join(dir, "datafiles", sdkKey+".history")}
}

// maxRevisionName bounds the part of a file's name that is its revision, which may be any text.
const maxRevisionName = 64

func fileOf(d *Datafile) string {
	name := url.PathEscape(d.Revision)
	return d.Hash + "." + name[:min(len(name), maxRevisionName)] + ".json"
}

func (h history) path(file string) string { return filepath.Join(h.dir, file) }

// add keeps a datafile and lets go of the oldest, but not of the one with the hash that is spared: what is, or just was, in force is what
// an operator goes back to, however old it is.
func (h history) add(d *Datafile, spared string) error {
	past, err := h.list()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(past, func(p Past) bool { return p.Hash == d.Hash }) {
		return nil
	}
	if err := WriteFile(h.path(fileOf(d)), d.Bytes, time.Now()); err != nil {
		return err
	}
	return h.trim(past, int64(len(d.Bytes)), spared)
}

// trim removes what is too much beside a new one of some bytes.
func (h history) trim(past []Past, size int64, spared string) error {
	for n, p := range past {
		if size += p.Bytes; n+1 < historyLength && size <= historyBytes || p.Hash == spared {
			continue
		}
		if err := os.Remove(h.path(p.file)); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// list returns what is kept, the newest first.
func (h history) list() (past []Past, err error) {
	entries, err := os.ReadDir(h.dir)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		hash, rest, _ := strings.Cut(entry.Name(), ".")
		name, isDatafile := strings.CutSuffix(rest, ".json")
		info, err := entry.Info()
		if len(hash) != 16 || !isDatafile || err != nil {
			continue // a file that is being written, or none of ours
		}
		revision, err := url.PathUnescape(name)
		if err != nil {
			revision = name // it was cut
		}
		past = append(past, Past{Revision: revision, Hash: hash, Bytes: info.Size(), Since: info.ModTime(), file: entry.Name()})
	}
	slices.SortFunc(past, func(a, b Past) int { return b.Since.Compare(a.Since) })
	return past, nil
}

// read returns a datafile by its hash or, of those with a revision, the latest.
func (h history) read(sdkKey, which string) (*Datafile, error) {
	got, err := h.load(func(p Past) bool { return p.Hash == which || p.Revision == which })
	if err != nil {
		return nil, err
	}
	return parse(sdkKey, got.body, got.modified)
}

// load returns the latest that matches, unparsed, as it was kept.
func (h history) load(matches func(Past) bool) (content, error) {
	past, err := h.list()
	if err != nil {
		return content{}, err
	}
	n := slices.IndexFunc(past, matches)
	if n < 0 {
		return content{}, ErrNotKept
	}
	got, err := readFile(h.path(past[n].file))
	if err == nil && hashOf(got.body) != past[n].Hash {
		err = fmt.Errorf("the kept datafile %s was changed on disk", past[n].Hash)
	}
	return got, err
}

// ByHash returns a datafile that a project has or had, as far as that is kept. Of one that it had there are only the bytes, hash and date:
// anyone may ask for those as often as they like, and to parse one takes long.
func (s *Store) ByHash(sdkKey, hash string) (*Datafile, bool) {
	newest, ok := s.Newest(sdkKey)
	if !ok || newest.Hash == hash {
		return newest, ok
	}
	got, err := s.byKey[sdkKey].history.load(func(p Past) bool { return p.Hash == hash }) // and not its revision
	if err != nil {
		return nil, false
	}
	return &Datafile{SDKKey: sdkKey, Bytes: got.body, Hash: hash, Modified: wholeSeconds(got.modified)}, true
}

// Texts returns what is kept of a project, the oldest first, as far as it can be read.
func (s *Store) Texts(sdkKey string) (texts []Text) {
	p, ok := s.byKey[sdkKey]
	if !ok {
		return nil
	}
	past, err := p.history.list()
	if err != nil {
		p.log.Warn("the history cannot be read", "sdkKey", sdkKey, "err", err)
	}
	for _, kept := range slices.Backward(past) {
		if got, err := readFile(p.history.path(kept.file)); err == nil {
			texts = append(texts, Text{kept.Hash, got.body})
		}
	}
	return texts
}
