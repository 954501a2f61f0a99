// Package acceptencoding reads what content codings a client takes (RFC 9110, section 12.5.3), and encodes.
package acceptencoding

import (
	"bytes"
	"compress/gzip"
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

// Gzip encodes content that is made for one answer, at gzip's usual speed.
func Gzip(content []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(content) // a bytes.Buffer takes everything
	_ = w.Close()
	return out.Bytes()
}
