package results

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// live returns the demo's results in parts, which must be all that the demo's results say, however they come.
func (h *house) live() Live {
	h.tb.Helper()
	live, ok := h.results.Live("demo")
	whole, _, err := h.results.Results("demo", Query{})
	if !ok || err != nil {
		h.tb.Fatal(ok, err)
	}
	var objects [][]byte
	for _, part := range live.Experiments {
		objects = append(objects, bytes.Join([][]byte{part.Numbers, part.Counts, []byte("}}")}, nil))
	}
	head, _ := json.Marshal(live.Revision)
	joined := `{"sdkKey":"demo","revision":` + string(head) + `,"experiments":[` + string(bytes.Join(objects, []byte(","))) + `]}`
	if joined != string(whole) {
		h.tb.Fatalf("the parts are not the whole (-whole +parts):\n%s", cmp.Diff(string(whole), joined))
	}
	read, err := ReadLive(whole)
	if err != nil {
		h.tb.Fatal(err)
	}
	if diff := cmp.Diff(live, read); diff != "" {
		h.tb.Fatalf("read back they are others (-own +read):\n%s", diff)
	}
	return live
}

func TestResultsComeInPartsThatChangeApart(t *testing.T) {
	h := mustStart(t, t.TempDir())
	h.count()
	h.waitFor("demo", nothing)
	h.live()
	h.mustAppend("demo", seen("v", sortID, price, 5), did("v", purchase, 6, 300))
	h.waitFor("demo", "price 1:1/1/300, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers")
	before := h.live()
	h.mustAppend("demo", did("stranger", purchase, 7, 100))
	h.waitFor("demo", "price 1:1/1/300, category 0:0/0/0; 0 duplicates, 1 unattributed, 0 crossovers")
	after := h.live()
	for i, was := range before.Experiments {
		is := after.Experiments[i]
		if &is.Numbers[0] != &was.Numbers[0] {
			t.Errorf("the numbers of %s were written anew", is.ID)
		}
		if bytes.Equal(is.Counts, was.Counts) {
			t.Errorf("the counts of %s miss the conversion of a visitor who saw nothing", is.ID)
		}
	}
}
