package site

import (
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"

	"sortition/relay/internal/site/published"
)

// header says what a file is and what may be done with it.
func header(h http.Header, name, host string, origins []string) {
	h.Set("Content-Type", contentType(name))
	if published.IsShared(name) {
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	if published.IsPage(name) {
		h.Set("Content-Security-Policy", policy(host, origins))
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
func policy(host string, origins []string) string {
	connect := strings.Join(append([]string{"'self'"}, origins...), " ")
	if hostname.MatchString(host) {
		connect += " ws://" + host + " wss://" + host
	}
	return "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
		"connect-src " + connect + "; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
}
