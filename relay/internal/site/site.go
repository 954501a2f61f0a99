// Package site serves the pages: those built into the binary, or a folder while developing.
//
// The build command (site/build) makes dist/ of public/; dist/ is embedded. In a clone where nothing was built it holds a
// placeholder only, the package compiles all the same, and the site answers how to build it.
//
// No file name carries a hash yet, so every answer is to be revalidated, by a strong ETag. Pages may run their own scripts
// and WebAssembly, talk to their own relay, and nothing else; /sdk/ may be imported by other sites.
package site

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
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

// Folder returns the site that lies in a folder, read anew for each request. Links out of the folder are not followed.
func Folder(dir string) (fs.FS, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the site: %w", err)
	}
	return root.FS(), nil
}

// Site is an http.Handler for GET and HEAD.
type Site struct {
	files  fs.FS
	frozen bool     // files never change, so an ETag is computed once
	etags  sync.Map // path to ETag
}

// New makes a handler of a site; frozen says that its files will not change.
func New(files fs.FS, frozen bool) *Site {
	return &Site{files: files, frozen: frozen}
}

// Built tells whether there is a site at all.
func (s *Site) Built() bool {
	_, err := fs.Stat(s.files, "index.html")
	return err == nil
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if name == "" {
		name = "index.html"
	}
	file, err := s.open(name)
	switch {
	case err == nil:
		defer file.Close()
	case name == "index.html" && !s.Built():
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "The site is not built into this relay yet: run `make build`, then start it again.\n")
		return
	default:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": "there is no such page"})
		return
	}
	etag, err := s.etag(name, file)
	if err != nil {
		panic(fmt.Errorf("read %s of the site: %w", name, err)) // the server's middleware answers and logs
	}
	header(w.Header(), name, r.Host)
	w.Header().Set("ETag", etag)
	http.ServeContent(w, r, "", time.Time{}, file) // no date: the ETag says it all
}

// open opens a regular file that can be sought, as those of embed and os can.
func (s *Site) open(name string) (seekable, error) {
	file, err := s.files.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	content, ok := file.(seekable)
	if err != nil || !info.Mode().IsRegular() || !ok || strings.HasPrefix(path.Base(name), ".") {
		file.Close()
		return nil, errors.New("not a file that is served")
	}
	return content, nil
}

type seekable interface {
	fs.File
	io.ReadSeeker
}

// etag hashes the file and rewinds it.
func (s *Site) etag(name string, file seekable) (string, error) {
	if known, ok := s.etags.Load(name); ok {
		return known.(string), nil
	}
	digest := xxhash.New()
	if _, err := io.Copy(digest, file); err != nil {
		return "", err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	etag := fmt.Sprintf(`"%016x"`, digest.Sum64())
	if s.frozen {
		s.etags.Store(name, etag)
	}
	return etag, nil
}

// header says what a file is and what may be done with it.
func header(h http.Header, name, host string) {
	h.Set("Content-Type", contentType(name))
	h.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "sdk/") {
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	if path.Ext(name) == ".html" {
		h.Set("Content-Security-Policy", policy(host))
	}
}

// contentType does not ask the machine's own tables, which may call JavaScript text/plain.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".wasm":
		return "application/wasm"
	case ".svg":
		return "image/svg+xml"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	case ".ts", ".md", ".txt":
		return "text/plain; charset=utf-8"
	default:
		if known := mime.TypeByExtension(ext); known != "" {
			return known
		}
		return "application/octet-stream"
	}
}

// hostname is a Host header that can be put into a policy as it is.
var hostname = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]+$`)

// policy is what a page may load and reach. The websocket is named because 'self' does not cover ws: in every browser.
func policy(host string) string {
	connect := "'self'"
	if hostname.MatchString(host) {
		connect += " ws://" + host + " wss://" + host
	}
	return "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
		"manifest-src 'self'; connect-src " + connect + "; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
}
