// Package acceptencoding reads what content codings a client takes (RFC 9110, section 12.5.3), and encodes.
package acceptencoding

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
)

// Allows tells whether a header takes a coding, named in lower case: when it names it, or *, without q=0.
func Allows(header, coding string) bool {
	star := false
	for part := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(part, ";")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case coding:
			return !refused(parameters)
		case "*":
			star = !refused(parameters)
		}
	}
	return star
}

// refused tells whether the weight among the parameters is zero, or none.
func refused(parameters string) bool {
	_, weight, given := strings.Cut(strings.ReplaceAll(strings.ToLower(parameters), " ", ""), "q=")
	q, err := strconv.ParseFloat(weight, 64)
	return given && (err != nil || q <= 0)
}

// Announce says that the answer to a request is so many bytes in a coding, before http.ServeContent answers with them: all of them, since
// parts of an encoding are of no use.
func Announce(h http.Header, r *http.Request, coding string, length int64) {
	h.Set("Content-Encoding", coding)
	r.Header.Del("Range")
	if r.Header.Get("If-Match") == "" && r.Header.Get("If-Unmodified-Since") == "" { // else it may be 412, which has none of them
		h.Set("Content-Length", strconv.FormatInt(length, 10)) // ServeContent leaves it out of an encoded answer
	}
}

// Gzip encodes content that is made for one answer, at gzip's usual speed.
func Gzip(content []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(content) // a bytes.Buffer takes everything
	_ = w.Close()
	return out.Bytes()
}
