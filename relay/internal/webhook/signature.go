package webhook

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Optimizely signs with HMAC-SHA1; HMAC does not rest on what is broken in SHA-1
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strings"
)

// SignatureHeader carries `sha1=` or `sha256=` and the hex HMAC of the raw body.
const SignatureHeader = "X-Hub-Signature"

var algorithms = map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New}

// Sign returns the header value Optimizely would send for a body.
func Sign(secret string, body []byte) string {
	return "sha1=" + hex.EncodeToString(sum(sha1.New, secret, body))
}

// Verify tells whether the header's signature was made of this body with one of the secrets. Several secrets are for the
// days of a rotation; all are always tried, in constant time, so the answer's delay tells nothing about any of them.
func Verify(secrets []string, header string, body []byte) bool {
	algorithm, digits, _ := strings.Cut(header, "=")
	newHash, known := algorithms[strings.ToLower(algorithm)]
	signature, err := hex.DecodeString(digits)
	if !known || err != nil {
		return false
	}
	valid := false
	for _, secret := range secrets {
		if hmac.Equal(signature, sum(newHash, secret, body)) {
			valid = true
		}
	}
	return valid
}

func sum(newHash func() hash.Hash, secret string, body []byte) []byte {
	mac := hmac.New(newHash, []byte(secret))
	mac.Write(body)
	return mac.Sum(nil)
}
