// Package site serves the pages: those built into the binary, or a folder while developing.
//
// The build command (site/build) makes dist/ of public/, in the form that site/published describes; dist/ is embedded. In a
// clone where nothing was built it holds a placeholder only, the package compiles all the same, and the site answers how to
// build it.
//
// A file that is asked for under the site's prefix may be kept for ever. By its own name it must be revalidated: each of its
// encodings has a strong ETag. What shrinks is embedded encoded alone; the first client that takes no encoding has it unpacked, once
// for all of them. Pages may run their own scripts and WebAssembly, talk to their own relay, and nothing else. Other sites may import
// /sdk/.
package site

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"sortition/relay/internal/acceptencoding"
	"sortition/relay/internal/site/published"
)

//go:embed all:dist
var dist embed.FS

// Embedded returns the site that was built into the binary.
func Embedded() fs.FS {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path
	}
	return built
}

// Folder returns the site that lies in a folder with an index.html, read anew for each request. Links out of the folder are not
// followed.
func Folder(dir string) (fs.FS, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the site: %w", err)
	}
	if _, err := root.Stat("index.html"); err != nil {
		root.Close()
		return nil, fmt.Errorf("%s is not the folder of a site: %w", dir, err)
	}
	return root.FS(), nil
}

// Site is an http.Handler for GET and HEAD.
type Site struct {
	files  fs.FS
	frozen bool
	prefix string   // of assets that may be kept for ever; "" when there are none
	hashes sync.Map // path to hash, of frozen files
	// unpacked is path to content, of packed files. Each is kept, so that clients that read slowly share one.
	unpacked sync.Map
	origins  []string // that pages may reach besides
}

// New makes a handler of a site. A frozen one is published and will not change; one that is not frozen is served as it lies.
// Its pages may reach this server and the origins.
func New(files fs.FS, frozen bool, origins ...string) *Site {
	s := &Site{files: files, frozen: frozen, origins: origins}
	if frozen {
		s.prefix = prefixOf(files)
	}
	return s
}

// prefixOf is "" for a site that was not built.
func prefixOf(files fs.FS) string {
	prefix, err := fs.ReadFile(files, published.Fingerprint)
	if err != nil {
		return ""
	}
	return string(prefix)
}

// Built tells whether there is a site at all.
func (s *Site) Built() bool {
	file, _, err := s.find("index.html")
	if err != nil {
		return false
	}
	file.Close()
	return true
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, cacheControl := s.resolve(r.URL.Path)
	file, packed, err := s.find(name)
	if err != nil {
		s.notFound(w, name)
		return
	}
	defer file.Close()
	hash, err := s.hash(name, file)
	if err != nil {
		panic(fmt.Errorf("read %s of the site: %w", name, err)) // the server's middleware answers and logs
	}
	header(w.Header(), name, r.Host, s.origins)
	w.Header().Set("Cache-Control", cacheControl)
	w.Header().Set("ETag", `"`+hash+`"`)
	var content io.ReadSeeker = file
	if encoded := s.encoded(w.Header(), r, name, hash); encoded != nil {
		defer encoded.Close()
		content = encoded
	} else if packed {
		original, err := s.original(name, file)
		if err != nil {
			panic(fmt.Errorf("unpack %s of the site: %w", name, err))
		}
		content = bytes.NewReader(original)
	}
	http.ServeContent(w, r, "", time.Time{}, content) // no date: the ETag says it all
}

// find opens what there is of a file: itself or, in a site that was built, the form in which it is packed.
func (s *Site) find(name string) (file seekable, packed bool, err error) {
	if file, err = s.open(name); err == nil || !s.frozen {
		return file, false, err
	}
	file, err = s.open(name + published.Packed)
	return file, true, err
}

// original returns what a packed file is unpacked to.
func (s *Site) original(name string, packed io.Reader) ([]byte, error) {
	if known, ok := s.unpacked.Load(name); ok {
		return known.([]byte), nil
	}
	content, err := published.Unpack(packed)
	if err != nil {
		return nil, err
	}
	shared, _ := s.unpacked.LoadOrStore(name, content)
	return shared.([]byte), nil
}

const (
	revalidate = "no-cache"
	immutable  = "public, max-age=31536000, immutable"
)

// resolve returns the file that a path asks for, and how long the answer may be kept.
func (s *Site) resolve(target string) (name, cacheControl string) {
	name = strings.TrimPrefix(path.Clean(target), "/")
	if name == "" {
		return "index.html", revalidate
	}
	if strings.HasSuffix(target, "/") {
		name += "/" // no file: what a page there refers to would be looked for below it
	}
	if asset, ok := strings.CutPrefix(name, s.prefix+"/"); ok && s.prefix != "" && published.IsAsset(asset) {
		return asset, immutable
	}
	return name, revalidate
}

// notFound answers for a file that is not there; for the first page of a site that was not built it says how to build it. No cache may keep that, as some do with
// a 404 by themselves: of several relays one may have the file already, or still.
func (s *Site) notFound(w http.ResponseWriter, name string) {
	w.Header().Set("Cache-Control", "no-store")
	if name == "index.html" && s.frozen && !s.Built() {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "The site is not built into this relay yet: run `make build`, then start it again.\n")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusNotFound)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": "there is no such page"})
}

// encoded opens the best encoded form of a frozen file that the client takes, and says so; nil when there is none.
func (s *Site) encoded(h http.Header, r *http.Request, name, hash string) seekable {
	if !s.frozen || !published.Encodable(name) {
		return nil
	}
	h.Add("Vary", "Accept-Encoding")
	for _, coding := range published.Codings() {
		if !acceptencoding.Allows(r.Header.Get("Accept-Encoding"), coding.Name) {
			continue
		}
		file, err := s.open(name + coding.Suffix)
		if err != nil {
			continue // it would have been no smaller
		}
		info, err := file.Stat()
		if err != nil {
			file.Close()
			continue
		}
		acceptencoding.Announce(h, r, coding.Name, info.Size())
		h.Set("ETag", `"`+hash+strings.Replace(coding.Suffix, ".", "-", 1)+`"`)
		return file
	}
	return nil
}

// open opens a regular file that can be sought, as those of embed and os can. What begins with a dot is not served, nor what is in a folder
// that does: a site may lie in somebody's repository. But .well-known is made to be asked for (RFC 8615).
func (s *Site) open(name string) (seekable, error) {
	if strings.Contains("/"+strings.TrimPrefix(name, ".well-known/"), "/.") {
		return nil, errNotServed
	}
	file, err := s.files.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	content, ok := file.(seekable)
	if err != nil || !info.Mode().IsRegular() || !ok {
		file.Close()
		return nil, errNotServed
	}
	return content, nil
}

var errNotServed = errors.New("not a file that is served")

type seekable interface {
	fs.File
	io.ReadSeeker
}

// hash hashes what there is of the file and rewinds it.
func (s *Site) hash(name string, file seekable) (string, error) {
	if known, ok := s.hashes.Load(name); ok {
		return known.(string), nil
	}
	digest := xxhash.New()
	if _, err := io.Copy(digest, file); err != nil {
		return "", err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	hash := fmt.Sprintf("%016x", digest.Sum64())
	if s.frozen {
		s.hashes.Store(name, hash)
	}
	return hash, nil
}
