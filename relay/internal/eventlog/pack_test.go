package eventlog

import (
	"bytes"
	"strings"
	"testing"

	"github.com/klauspost/compress/s2"

	"sortition/relay/internal/relaytest"
)

// versionOf appends a record with the body, wants it back the same, and
// returns the version it was written in.
func versionOf(tb testing.TB, body string) byte {
	tb.Helper()
	payload := AppendPayload(nil, Record{SDKKey: "key", ProjectID: "2002", Body: body}, []uint64{7})
	r, _, err := DecodePayload(payload)
	if err != nil || r.Body != body || r.SDKKey != "key" || r.ProjectID != "2002" {
		tb.Fatalf("%.100q came back as %+v, %v", body, r, err)
	}
	return payload[len(recordMark)]
}

func TestABodyIsPackedWhereThatIsWorthItAndNoMarkStandsInIt(t *testing.T) {
	many := relaytest.Body(strings.Repeat(relaytest.Conversion("v", "9", "bought", "a", 1000, 0)+",", 64))
	for name, test := range map[string]struct {
		body string
		want byte
	}{
		"many events alike":           {many, packedVersion},
		"one event":                   {relaytest.Body(relaytest.Conversion("v", "9", "bought", "a", 1000, 0)), plainVersion},
		"nothing":                     {"", plainVersion},
		"what does not get shorter":   {relaytest.Noise(5000), plainVersion},
		"the mark among what repeats": {many + recordMark + many, plainVersion},
	} {
		t.Run(name, func(t *testing.T) {
			if got := versionOf(t, test.body); got != test.want {
				t.Errorf("version %d, want %d", got, test.want)
			}
		})
	}
	if packed, _ := appendPacked(nil, many); len(packed) > len(many)/10 {
		t.Errorf("%d bytes of like events were packed into %d", len(many), len(packed))
	}
}

func TestAMalformedBlockIsDamageThoughItsChecksumHolds(t *testing.T) {
	many := strings.Repeat("the same again, ", 100)
	payload := AppendPayload(nil, Record{Body: many}, []uint64{7})
	block := len(payload) - len(s2.Encode(nil, []byte(many)))
	for name, malformed := range map[string][]byte{
		"cut short":            payload[:len(payload)-1],
		"longer than any body": append(payload[:block:block], "\xff\xff\xff\xff\x0f"...),
		"no block":             append(payload[:block:block], "\xff"...),
	} {
		t.Run(name, func(t *testing.T) {
			frame := appendFrame(nil, func(dst []byte) []byte { return append(dst, malformed...) })
			bodies, passed := scan(t, append(bytes.Clone(frame), sampleFrame("behind")...))
			if len(bodies) != 1 || bodies[0] != "behind" || passed != int64(len(frame)) {
				t.Errorf("found %q, passed over %d of %d bytes", bodies, passed, len(frame))
			}
		})
	}
}

func FuzzPack(f *testing.F) {
	f.Add("")
	f.Add(strings.Repeat("EV", packFrom) + "T\x01")
	f.Add(relaytest.Body(strings.Repeat(relaytest.Conversion("v", "9", "bought", "a", 1000, 0)+",", 64)))
	f.Fuzz(func(t *testing.T, body string) {
		for _, body := range []string{body, strings.Repeat(body, 1+packFrom/(len(body)+1))} {
			versionOf(t, body)
			if block, packed := appendPacked(nil, body); packed && bytes.Contains(block, []byte(recordMark)) {
				t.Fatalf("%q is packed into %q", body, block)
			}
		}
	})
}
